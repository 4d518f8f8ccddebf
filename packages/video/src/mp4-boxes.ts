import type { ByteSource } from './byte-source.ts';

/** Boxes that an MP4 or MOV file may start with. */
export const FIRST_BOXES: ReadonlySet<string> = new Set([
  'ftyp',
  'styp',
  'moov',
  'mdat',
  'free',
  'skip',
  'wide',
  'pnot',
]);

/** Boxes looked at in one parent before giving up; a fragmented file of many hours has fewer. */
export const MAX_BOXES = 100_000;

/** The header of a box of an MP4, MOV or HEIF file. */
export interface BoxHeader {
  readonly type: string;
  /** Bytes of the header itself: 16 where the size is coded in 64 bits, otherwise 8. */
  readonly length: number;
  /** Bytes of the box with its header as coded: 0 where it reaches to the end, less than `length` where it is damaged. */
  readonly size: number;
}

/** Reads the header of the box at a place; undefined at the end of the file. */
export async function readBoxHeader(bytes: ByteSource, at: number): Promise<BoxHeader | undefined> {
  const head = await bytes.read(at, 16);
  if (head.length < 8) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const type = String.fromCharCode(...head.subarray(4, 8));
  const short = view.getUint32(0);
  return short === 1 && head.length === 16
    ? { type, length: 16, size: Number(view.getBigUint64(8)) }
    : { type, length: 8, size: short };
}
