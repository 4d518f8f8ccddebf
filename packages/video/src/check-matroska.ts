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

/** Bytes that are read at once. */
const WINDOW = 2 ** 16;

/** The longest header: an identifier of 4 bytes and a size of 8. */
const HEADER_BYTES = 12;

/** An element's identifier, where its content begins, and how long that is; a live recording may leave the size open. */
interface Element {
  readonly id: number;
  readonly begin: number;
  readonly size: number | undefined;
}

/**
 * Walks over the parts of a Matroska or WebM segment, without their contents.
 *
 * mediabunny 1.61 looks for the next part where one is damaged: it leaves out what it does not find, and where it finds a
 * part without a size it looks at the same byte for ever.
 *
 * @throws MediaError with the byte at which no part begins
 */
export async function checkMatroska(bytes: ByteSource): Promise<void> {
  const read = windowed(bytes);
  const segment = await findSegment(read);
  if (!segment) return;
  const end = Math.min(bytes.size, segment.begin + (segment.size ?? Infinity));
  for (let at = segment.begin; at + 2 <= end;) {
    const element = await readElement(read, at);
    const isNextFile = element?.id === SEGMENT || element?.id === EBML;
    const isCutShort = !element && at + HEADER_BYTES > bytes.size;
    if (isNextFile || isCutShort) return;
    if (!element || !IN_SEGMENT.has(element.id)) {
      throw new MediaError(`openVideo: ${bytes.name} is damaged: no part of a Matroska file begins at byte ${at}.`);
    }
    at = element.size === undefined ? await endOfOpenElement(read, element.begin, end) : element.begin + element.size;
  }
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
  return { id, begin: at + idLength + sizeLength, size: isOpen ? undefined : size };
}

/** How many bytes a number has: its first byte's leading zeros, and one. */
function numberLength(first: number | undefined, most: number): number | undefined {
  const length = first === undefined ? most + 1 : Math.clz32(first) - 23;
  return length <= most ? length : undefined;
}
