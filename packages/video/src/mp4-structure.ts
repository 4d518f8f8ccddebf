import type { ByteSource } from './byte-source.ts';
import { FIRST_BOXES, MAX_BOXES, readBoxHeader } from './mp4-boxes.ts';

/** The part of a track that an edit list shows, in seconds on the clock of the file. */
export interface ShownSpan {
  /** Length of the empty edits before it. */
  readonly begin: number;
  /** `Infinity` where the edit has no end. */
  readonly end: number;
  /** Shortest difference of two times. */
  readonly tick: number;
}

/** A video track of an MP4 or MOV file. */
interface Mp4Track {
  readonly id: number;
  /** Undefined where the track has no edit list. */
  readonly shown: ShownSpan | undefined;
  /** The edit list has several parts, a speed, or a part of no length. */
  readonly hasOddEdits: boolean;
  /** Samples that are indexed in `moov`. */
  readonly sampleCount: number;
  readonly isEncrypted: boolean;
}

/** The parts of an MP4 or MOV file that decide on how it is read. */
export interface Mp4Structure {
  readonly tracks: readonly Mp4Track[];
  readonly hasFragments: boolean;
}

interface Box {
  readonly type: string;
  readonly begin: number;
  readonly end: number;
}

/** Most parts of an edit list that are read. */
const MAX_EDITS = 1000;

/** Reads the structure of an MP4 or MOV file; undefined where it is none, or has no index. */
export async function readMp4Structure(bytes: ByteSource): Promise<Mp4Structure | undefined> {
  const top = new Map<string, Box>();
  for await (const box of boxesIn(bytes, 0, bytes.size)) {
    if (top.size === 0 && !FIRST_BOXES.has(box.type)) return undefined;
    if (!top.has(box.type)) top.set(box.type, box);
    // What follows the first fragment are further ones.
    if (top.has('moov') && top.has('moof')) break;
  }
  const moov = top.get('moov');
  if (!moov) return undefined;
  const scale = await numberBehindDates(bytes, await child(bytes, moov, 'mvhd'));
  const tracks: Mp4Track[] = [];
  for await (const box of boxesIn(bytes, moov.begin, moov.end)) {
    const track = box.type === 'trak' ? await readTrack(bytes, box, scale) : undefined;
    if (track) tracks.push(track);
  }
  return { tracks, hasFragments: top.has('moof') };
}

/** Returns a video track; undefined for other tracks. */
async function readTrack(bytes: ByteSource, track: Box, movieScale: number): Promise<Mp4Track | undefined> {
  const media = await child(bytes, track, 'mdia');
  const handler = await child(bytes, media, 'hdlr');
  if (!handler || ascii(await bytes.read(handler.begin + 8, 4)) !== 'vide') return undefined;
  const mediaScale = await numberBehindDates(bytes, await child(bytes, media, 'mdhd'));
  const id = await numberBehindDates(bytes, await child(bytes, track, 'tkhd'));
  const samples = await child(bytes, await child(bytes, media, 'minf'), 'stbl');
  const sizes = await child(bytes, samples, 'stsz', 'stz2');
  const entries = await child(bytes, samples, 'stsd');
  const list = await child(bytes, await child(bytes, track, 'edts'), 'elst');
  // Lengths cannot be computed from damaged headers without a time scale.
  const hasScales = movieScale > 0 && mediaScale > 0;
  return {
    id,
    ...(hasScales
      ? await readEdits(bytes, list, movieScale, mediaScale)
      : { shown: undefined, hasOddEdits: list !== undefined }),
    sampleCount: sizes ? uint32(await bytes.read(sizes.begin + 8, 4), 0) : 0,
    // The entries follow version, flags and their number; some files begin in the clear.
    isEncrypted:
      entries !== undefined &&
      (await child(bytes, { ...entries, begin: entries.begin + 8 }, 'encv', 'drmi')) !== undefined,
  };
}

async function readEdits(
  bytes: ByteSource,
  list: Box | undefined,
  movieScale: number,
  mediaScale: number,
): Promise<Pick<Mp4Track, 'shown' | 'hasOddEdits'>> {
  if (!list) return { shown: undefined, hasOddEdits: false };
  const head = await bytes.read(list.begin, 8);
  const isLong = head[0] === 1;
  const count = head.length === 8 ? uint32(head, 4) : 0;
  const size = isLong ? 20 : 12;
  if (count > MAX_EDITS) return { shown: undefined, hasOddEdits: true };
  const data = await bytes.read(list.begin + 8, Math.min(count * size, list.end - list.begin - 8));
  let [delay, shown] = [0, undefined as ShownSpan | undefined];
  for (let at = 0; at + size <= data.length; at += size) {
    const view = new DataView(data.buffer, data.byteOffset + at, size);
    const duration = isLong ? Number(view.getBigUint64(0)) : view.getUint32(0);
    const start = isLong ? Number(view.getBigInt64(8)) : view.getInt32(4);
    const rate = view.getInt32(size - 4);
    if (start === -1 && !shown) {
      delay += duration;
      continue;
    }
    if (shown || start < 0 || rate !== 0x10000) return { shown: undefined, hasOddEdits: true };
    // FFmpeg rounds lengths to ticks of the track.
    const inTicks = (length: number) => Math.round((length * mediaScale) / movieScale) / mediaScale;
    const begin = inTicks(delay);
    shown = { begin, end: duration === 0 ? Infinity : begin + inTicks(duration), tick: 1 / mediaScale };
  }
  return { shown, hasOddEdits: false };
}

/** The first box of one of these types in a parent. */
async function child(bytes: ByteSource, parent: Box | undefined, ...types: string[]): Promise<Box | undefined> {
  if (!parent) return undefined;
  for await (const box of boxesIn(bytes, parent.begin, parent.end)) if (types.includes(box.type)) return box;
  return undefined;
}

/** Walks over the boxes between two places; a damaged size ends it. */
async function* boxesIn(bytes: ByteSource, begin: number, end: number): AsyncGenerator<Box, void, undefined> {
  let at = begin;
  for (let count = 0; at + 8 <= end && count < MAX_BOXES; count += 1) {
    const header = await readBoxHeader(bytes, at);
    if (!header) return;
    const { type, length } = header;
    const size = length === 8 && header.size === 0 ? end - at : header.size;
    if (size < length) return;
    yield { type, begin: at + length, end: Math.min(at + size, end) };
    at += size;
  }
}

/** The number behind version, flags and two dates of a header: an identifier or a time scale; 0 where it is missing. */
async function numberBehindDates(bytes: ByteSource, header: Box | undefined): Promise<number> {
  const data = header ? await bytes.read(header.begin, 24) : new Uint8Array();
  const at = data[0] === 1 ? 20 : 12;
  return data.length < at + 4 ? 0 : uint32(data, at);
}

function uint32(data: Uint8Array, at: number): number {
  return (
    ((data[at] ?? 0) * 2 ** 24 + ((data[at + 1] ?? 0) << 16) + ((data[at + 2] ?? 0) << 8) + (data[at + 3] ?? 0)) >>> 0
  );
}

function ascii(data: Uint8Array): string {
  return String.fromCharCode(...data);
}
