import type { ByteSource } from './byte-source.ts';

/** Images of a file that are visited at most. */
const MAX_IMAGES = 65_536;

/** Tags that mark thumbnails, the smaller images of a pyramid, and masks: `NewSubfileType` and `SubfileType`. */
const NEW_SUBFILE_TYPE = 254;
const SUBFILE_TYPE = 255;

/** Sizes of a TIFF file's offsets and entries; those of BigTIFF are larger. */
interface Layout {
  readonly littleEndian: boolean;
  readonly isBig: boolean;
}

/**
 * Lists the indices of the images of a TIFF file that are neither smaller versions of others nor masks.
 *
 * An image that cannot be reached ends the list; the decoder reports the damage.
 */
export async function findPages(bytes: ByteSource): Promise<number[]> {
  const head = await bytes.read(0, 16);
  if (head.length < 16) return [];
  const layout = { littleEndian: head[0] === 0x49, isBig: head[0] === 0x49 ? head[2] === 43 : head[3] === 43 };
  const read = reader(layout);
  const pages: number[] = [];
  const visited = new Set<number>();
  let at = layout.isBig ? read(head, 8, 8) : read(head, 4, 4);
  for (let index = 0; at !== 0 && index < MAX_IMAGES && !visited.has(at); index++) {
    visited.add(at);
    const image = await readDirectory(bytes, at, layout);
    if (!image) break;
    if (image.isPage) pages.push(index);
    at = image.next;
  }
  return pages;
}

async function readDirectory(bytes: ByteSource, at: number, layout: Layout) {
  const read = reader(layout);
  const [countBytes, entryBytes, offsetBytes] = layout.isBig ? [8, 20, 8] : [2, 12, 4];
  const counted = await bytes.read(at, countBytes);
  if (counted.length < countBytes) return undefined;
  const count = read(counted, 0, countBytes);
  if (count > 65_535) return undefined;
  const directory = await bytes.read(at + countBytes, count * entryBytes + offsetBytes);
  if (directory.length < count * entryBytes + offsetBytes) return undefined;
  let isPage = true;
  for (let entry = 0; entry < count; entry++) {
    const tag = read(directory, entry * entryBytes, 2);
    const type = read(directory, entry * entryBytes + 2, 2);
    const value = read(directory, entry * entryBytes + entryBytes - offsetBytes, type === 3 ? 2 : 4);
    if (tag === NEW_SUBFILE_TYPE && (value & 5) !== 0) isPage = false;
    if (tag === SUBFILE_TYPE && value === 2) isPage = false;
  }
  return { isPage, next: read(directory, count * entryBytes, offsetBytes) };
}

function reader({ littleEndian }: Layout): (bytes: Uint8Array, at: number, length: number) => number {
  return (bytes, at, length) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (length === 8) return Number(view.getBigUint64(at, littleEndian));
    return length === 4 ? view.getUint32(at, littleEndian) : view.getUint16(at, littleEndian);
  };
}
