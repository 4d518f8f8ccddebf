import type { ByteSource } from './byte-source.ts';
import { readBoxHeader } from './mp4-boxes.ts';
import { findPages } from './tiff-pages.ts';

/** An image file with several frames. */
export type Animation =
  | { readonly format: 'webp' }
  | { readonly format: 'png'; readonly frames: number }
  | { readonly format: 'avif'; readonly frames: number; readonly hasAlpha: boolean; readonly brand: string }
  /** `pages` are the indices of the full-size images. */
  | { readonly format: 'tiff'; readonly pages: readonly number[] };

/** Parts of a file that are visited at most before the file counts as a still image. */
const MAX_PARTS = 4096;

/** Bytes of an index that are read at most. */
const MAX_INDEX_BYTES = 2 ** 26;

/** Finds out whether an image file has several frames; undefined for a still image. */
export async function findAnimation(bytes: ByteSource): Promise<Animation | undefined> {
  const head = await bytes.read(0, 32);
  const text = latin1(head);
  if (text.startsWith('RIFF')) return isAnimatedWebp(head, text) ? { format: 'webp' } : undefined;
  if (text.startsWith('\x89PNG')) return findInPng(bytes);
  if (text.slice(4, 8) === 'ftyp') return findInHeif(bytes, text.slice(8, 12));
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text)) {
    const pages = await findPages(bytes);
    return pages.length > 1 ? { format: 'tiff', pages } : undefined;
  }
  return undefined;
}

/** The extended header of a WebP file has a bit for animations. */
function isAnimatedWebp(head: Uint8Array, text: string): boolean {
  return text.slice(12, 16) === 'VP8X' && (head[20]! & 2) !== 0;
}

/** The animation control chunk of a PNG file lies before its first data. */
async function findInPng(bytes: ByteSource): Promise<Animation | undefined> {
  let position = 8;
  for (let part = 0; part < MAX_PARTS; part++) {
    const chunk = await bytes.read(position, 12);
    if (chunk.length < 12) return undefined;
    const type = latin1(chunk.subarray(4, 8));
    if (type === 'acTL') {
      const frames = view(chunk).getUint32(8);
      return frames > 1 ? { format: 'png', frames } : undefined;
    }
    if (type === 'IDAT') return undefined;
    position += 12 + view(chunk).getUint32(0);
  }
  return undefined;
}

/** A HEIF file (AVIF, HEIC) has its frames in a movie box, whatever its brand is. */
async function findInHeif(bytes: ByteSource, brand: string): Promise<Animation | undefined> {
  let position = 0;
  for (let part = 0; part < MAX_PARTS; part++) {
    const box = await readBoxHeader(bytes, position);
    if (!box) return undefined;
    const { type, size } = box;
    if (type === 'moov') {
      const movie = await bytes.read(position, Math.min(size || MAX_INDEX_BYTES, MAX_INDEX_BYTES));
      const frames = mostSamples(movie);
      return frames > 1 ? { format: 'avif', frames, hasAlpha: findText(movie, 'auxv').length > 0, brand } : undefined;
    }
    if (size < 8) return undefined;
    position += size;
  }
  return undefined;
}

/** The largest count of samples in a movie box. */
function mostSamples(movie: Uint8Array): number {
  const counts = findText(movie, 'stsz').map((at) => (at + 16 <= movie.length ? view(movie).getUint32(at + 12) : 0));
  return Math.max(0, ...counts);
}

function findText(bytes: Uint8Array, text: string): number[] {
  const [first, ...rest] = new TextEncoder().encode(text);
  const found: number[] = [];
  for (let at = bytes.indexOf(first!); at >= 0 && found.length < MAX_PARTS; at = bytes.indexOf(first!, at + 1)) {
    if (rest.every((code, index) => bytes[at + 1 + index] === code)) found.push(at);
  }
  return found;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
