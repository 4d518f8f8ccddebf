import type { ByteSource } from './byte-source.ts';

/** What reads a file: our own readers for `y4m`, `gif` and `image`, a media library for `video`. */
export type SourceKind = 'y4m' | 'gif' | 'image' | 'video';

/** First bytes of still images that are not also video containers. */
const IMAGE_SIGNATURES = [
  [0x89, 0x50, 0x4e, 0x47],
  [0xff, 0xd8, 0xff],
  [0x42, 0x4d],
  [0x49, 0x49, 0x2a, 0],
  [0x49, 0x49, 0x2b, 0],
  [0x4d, 0x4d, 0, 0x2a],
  [0x4d, 0x4d, 0, 0x2b],
];

/** Tells the kind of a file from its first bytes, whatever its name says. */
export async function sniffFormat(bytes: ByteSource): Promise<SourceKind> {
  const head = await bytes.read(0, 16);
  const text = String.fromCharCode(...head);
  if (text.startsWith('YUV4MPEG2')) {
    return 'y4m';
  }
  if (text.startsWith('GIF8')) {
    return 'gif';
  }
  const isWebp = text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP';
  const isAvif = text.slice(4, 8) === 'ftyp' && /^(avif|avis|heic|heix|hevc|hevx|mif1|msf1)$/.test(text.slice(8, 12));
  const signed = IMAGE_SIGNATURES.some((signature) => signature.every((byte, index) => head[index] === byte));
  return isWebp || isAvif || signed ? 'image' : 'video';
}
