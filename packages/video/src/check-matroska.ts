import { MediaError } from '@od-vae/core/base';
import type { ByteSource } from './byte-source.ts';

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;

/** What may lie in a segment: seek head, info, tracks, cues, clusters, tags, chapters, attachments, filling, checksum. */
const IN_SEGMENT: ReadonlySet<number> = new Set([
  0x114d9b74,
  0x1549a966,
  0x1654ae6b,
  0x1c53bb6b,
  CLUSTER,
  0x1254c367,
  0x1043a770,
  0x1941a469,
  0xec,
  0xbf,
]);

const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const CONTENT_ENCODINGS = 0x6d80;
const CONTENT_ENCODING = 0x6240;
const CONTENT_ENCRYPTION = 0x5035;

/** Elements of a track's description whose children are looked at. */
const HOLDERS: ReadonlySet<number> = new Set([TRACK_ENTRY, CONTENT_ENCODINGS, CONTENT_ENCODING]);

/** What may lie in a cluster: time, place, sizes, silent tracks, blocks, filling, checksum. */
const IN_CLUSTER: ReadonlySet<number> = new Set([
  0xe7,
  0xa7,
  0xab,
  0x5854,
  0xaf,
  SIMPLE_BLOCK,
  BLOCK_GROUP,
  0xec,
  0xbf,
]);

/** Files up to this size are walked block by block, larger ones cluster by cluster, so that opening them stays quick. */
const MOST_FOR_BLOCKS = 2 ** 26;

/** Bytes that are read at once. */
const WINDOW = 2 ** 16;

/** The longest header: an identifier of 4 bytes and a size of 8. */
const HEADER_BYTES = 12;

/** An element's identifier, where its content begins, and how long that is; a live recording may leave the size open. */
interface Element {
  readonly id: number;
  readonly begin: number;
  readonly size: number | undefined;
  /** Bytes that its size is coded in. */
  readonly sizeLength: number;
}

/** Why mediabunny cannot read a file that is not damaged. */
export type MatroskaLimit = 'openSizes' | 'lateTracks' | 'encrypted';

/** Tracks of a segment, as far as they have been read. */
interface Tracks {
  readonly numbers: Set<number>;
  /** Undefined until the tracks have been found. */
  limit: MatroskaLimit | undefined;
  areKnown: boolean;
}

/**
 * Walks over the parts of a Matroska or WebM segment, without their contents.
 *
 * mediabunny 1.61 looks for the next part where one is damaged: it leaves out what it does not find, and where it finds a
 * part without a size it looks at the same byte for ever.
 *
 * In files of up to 64 MiB the blocks are walked as well: one that is lost would spoil the pictures that build on it.
 * Files on the web are walked up to the first cluster only.
 *
 * @returns why mediabunny cannot read the file; undefined where it can, or the file is no Matroska
 * @throws MediaError with the byte at which no part begins
 */
export async function checkMatroska(bytes: ByteSource, { isRemote = false } = {}): Promise<MatroskaLimit | undefined> {
  const read = windowed(bytes);
  const segment = await findSegment(read);
  if (!segment) return undefined;
  const end = Math.min(bytes.size, segment.begin + (segment.size ?? Infinity));
  const tracks: Tracks = { numbers: new Set(), limit: hasOddSize(segment) ? 'openSizes' : undefined, areKnown: false };
  for (let at = segment.begin; at + 2 <= end;) {
    const element = await readElement(read, at);
    if (isEnd(element, at, bytes)) break;
    assertPart(element, at, bytes);
    if (element.id === TRACKS) await addTracks(read, element, tracks);
    if (element.id === CLUSTER) tracks.limit ??= limitOfCluster(element, tracks);
    if (isRemote && element.id === CLUSTER) break;
    at = await endOf(element, read, end, bytes, tracks);
  }
  return tracks.limit;
}

/** Whether the next file of several in one begins, or the file is cut short. */
function isEnd(element: Element | undefined, at: number, bytes: ByteSource): boolean {
  return element ? element.id === SEGMENT || element.id === EBML : at + HEADER_BYTES > bytes.size;
}

function assertPart(element: Element | undefined, at: number, { name }: ByteSource): asserts element is Element {
  if (!element || !IN_SEGMENT.has(element.id)) {
    throw new MediaError(`openVideo: ${name} is damaged: no part of a Matroska file begins at byte ${at}.`);
  }
}

function limitOfCluster(cluster: Element, { areKnown }: Tracks): MatroskaLimit | undefined {
  if (!areKnown) return 'lateTracks';
  return hasOddSize(cluster) ? 'openSizes' : undefined;
}

/** Mediabunny recognizes an unknown size in 1 and in 8 bytes only. */
function hasOddSize({ size, sizeLength }: Element): boolean {
  return size === undefined && sizeLength > 1 && sizeLength < 8;
}

/** Where a part of a segment ends; what lies in it is looked at where that is needed. */
async function endOf(
  { id, begin, size }: Element,
  read: Read,
  end: number,
  bytes: ByteSource,
  tracks: Tracks,
): Promise<number> {
  if (size === undefined) return endOfOpenElement(read, begin, end);
  return id === CLUSTER && bytes.size <= MOST_FOR_BLOCKS
    ? checkBlocks(read, { begin, size }, bytes, tracks)
    : begin + size;
}

/** Adds the numbers of the tracks that blocks may belong to. */
async function addTracks(read: Read, { begin, size = 0 }: Element, tracks: Tracks): Promise<void> {
  tracks.areKnown = true;
  for (let at = begin; at < begin + size;) {
    const child = await readElement(read, at);
    if (child?.size === undefined) return;
    if (child.id === TRACK_NUMBER) {
      const data = (await read(child.begin)).subarray(0, child.size);
      tracks.numbers.add(data.reduce((value, byte) => value * 256 + byte, 0));
    }
    if (child.id === CONTENT_ENCRYPTION) tracks.limit = 'encrypted';
    // The number and the encodings lie within the entry of their track.
    at = HOLDERS.has(child.id) ? child.begin : child.begin + child.size;
  }
}

/** Walks over what lies in a cluster, and gives where it ends; some say that they are longer than they are. */
async function checkBlocks(
  read: Read,
  cluster: { readonly begin: number; readonly size: number },
  bytes: ByteSource,
  tracks: Tracks,
): Promise<number> {
  const end = cluster.begin + cluster.size;
  const stop = Math.min(end, bytes.size);
  for (let at = cluster.begin; at + 2 <= stop;) {
    const child = await readElement(read, at);
    if (child && !IN_CLUSTER.has(child.id) && IN_SEGMENT.has(child.id)) return at;
    if (!child && at + HEADER_BYTES > bytes.size) return end;
    const childEnd = child && child.begin + (child.size ?? Infinity);
    const isBlock = child && IN_CLUSTER.has(child.id) && childEnd! <= end;
    if (!isBlock || !(await hasTrack(read, child, tracks))) {
      throw new MediaError(`openVideo: ${bytes.name} is damaged: no block of one of its tracks begins at byte ${at}.`);
    }
    at = childEnd!;
  }
  return end;
}

/** Whether a block, or the block of a group, names a track that there is; other elements name none. */
async function hasTrack(read: Read, element: Element, tracks: Tracks): Promise<boolean> {
  if (element.id === BLOCK_GROUP) {
    const first = await readElement(read, element.begin);
    return !first || first.id !== BLOCK || hasTrack(read, first, tracks);
  }
  if (element.id !== SIMPLE_BLOCK && element.id !== BLOCK) return true;
  const data = await read(element.begin);
  const length = numberLength(data[0], 8);
  if (length === undefined) return false;
  let track = data[0]! & ((1 << (8 - length)) - 1);
  for (let index = 1; index < length; index += 1) track = track * 256 + data[index]!;
  return !tracks.areKnown || tracks.numbers.has(track);
}

async function findSegment(read: Read): Promise<Element | undefined> {
  const head = await readElement(read, 0);
  if (head?.id !== EBML || head.size === undefined) return undefined;
  const segment = await readElement(read, head.begin + head.size);
  return segment?.id === SEGMENT ? segment : undefined;
}

/** Where the children of an element without a size end: at what belongs to the segment, or at the end. */
async function endOfOpenElement(read: Read, begin: number, end: number): Promise<number> {
  let at = begin;
  while (at < end) {
    const child = await readElement(read, at);
    if (!child || child.size === undefined) return at;
    if (child.id !== 0xec && child.id !== 0xbf && IN_SEGMENT.has(child.id)) return at;
    at = child.begin + child.size;
  }
  return at;
}

type Read = (at: number) => Promise<Uint8Array>;

/** The bytes from a place on, at least {@link HEADER_BYTES} where the file has them; near ones are read once. */
function windowed(bytes: ByteSource): Read {
  let [start, held] = [0, new Uint8Array() as Uint8Array];
  return async (at) => {
    if (at < start || at + HEADER_BYTES > start + held.length) [start, held] = [at, await bytes.read(at, WINDOW)];
    return held.subarray(at - start);
  };
}

async function readElement(read: Read, at: number): Promise<Element | undefined> {
  const data = await read(at);
  const idLength = numberLength(data[0], 4);
  if (idLength === undefined || idLength >= data.length) return undefined;
  const id = data.subarray(0, idLength).reduce((value, byte) => value * 256 + byte, 0);
  const sizeLength = numberLength(data[idLength], 8);
  if (sizeLength === undefined || idLength + sizeLength > data.length) return undefined;
  let size = data[idLength]! & ((1 << (8 - sizeLength)) - 1);
  for (let index = 1; index < sizeLength; index += 1) size = size * 256 + data[idLength + index]!;
  const isOpen = size >= 2 ** (7 * sizeLength) - 1;
  return { id, begin: at + idLength + sizeLength, size: isOpen ? undefined : size, sizeLength };
}

/** How many bytes a number has: its first byte's leading zeros, and one. */
function numberLength(first: number | undefined, most: number): number | undefined {
  const length = first === undefined ? most + 1 : Math.clz32(first) - 23;
  return length <= most ? length : undefined;
}
