/** Boxes of the movie header that hold other boxes. */
const HOLDERS: ReadonlySet<string> = new Set(['trak', 'mdia']);

/** Boxes that begin with version, flags, and two dates: of creation and of the last change. */
const DATED: ReadonlySet<string> = new Set(['mvhd', 'tkhd', 'mdhd']);

/** A part of a file, in bytes. */
export interface ByteRange {
  readonly position: number;
  readonly length: number;
}

/** Where a movie header (`moov`, ISO/IEC 14496-12) of an mp4 or mov file has its dates; zeros there mean that none is known. */
export function mp4Dates(moov: Uint8Array, position: number): ByteRange[] {
  const view = new DataView(moov.buffer, moov.byteOffset, moov.byteLength);
  const found: ByteRange[] = [];
  const walk = (begin: number, end: number) => {
    for (let at = begin; at + 12 <= end;) {
      const size = view.getUint32(at);
      const type = String.fromCharCode(...moov.subarray(at + 4, at + 8));
      if (DATED.has(type)) found.push({ position: position + at + 12, length: view.getUint8(at + 8) === 1 ? 16 : 8 });
      if (HOLDERS.has(type)) walk(at + 8, Math.min(end, at + size));
      at += Math.max(8, size);
    }
  };
  walk(8, moov.length);
  return found;
}
