import { codecReport, createVideoWriter, type WritableCodec } from '@od-vae/video';

import type { SavedFile, SaveVideo } from '../protocol.ts';
import { bytesTarget } from './bytes-target.ts';

/** What a video is written as, the best first; the last needs no codec. */
const FORMATS = [
  { format: 'mp4', codec: 'avc', mimeType: 'video/mp4' },
  { format: 'webm', codec: 'vp9', mimeType: 'video/webm' },
  { format: 'webm', codec: 'av1', mimeType: 'video/webm' },
  { format: 'webm', codec: 'vp8', mimeType: 'video/webm' },
  { format: 'y4m', codec: undefined, mimeType: 'application/octet-stream' },
] as const;

const QUALITY = 0.9;

/** Returns a video of one or more sides beside each other, in a format that this browser can write. */
export async function saveVideo({ sides, width, height, fps }: SaveVideo, signal: AbortSignal): Promise<SavedFile> {
  const { encode } = await codecReport();
  const canWrite = (codec: WritableCodec | undefined) => codec === undefined || encode.includes(codec);
  const { format, codec, mimeType } = FORMATS.find((one) => canWrite(one.codec))!;
  const { stream, bytes } = bytesTarget();
  const size = { width: sides.length * width, height };
  await using writer = await createVideoWriter(stream, { ...size, fps, format, codec, quality: QUALITY, signal });
  for (const index of sides[0]!.keys()) {
    const data = joinSides(
      sides.map((side) => side[index]!),
      width,
    );
    await writer.write({ ...size, data, timestamp: index / fps });
  }
  await writer.finish();
  return { bytes: bytes(), extension: format, mimeType };
}

/** Returns the RGB values of a frame that shows these RGBA pictures side by side. */
function joinSides(pictures: readonly Uint8ClampedArray[], width: number): Uint8Array<ArrayBuffer> {
  const pixels = pictures[0]!.length / 4;
  const data = new Uint8Array(pictures.length * pixels * 3);
  for (const [side, rgba] of pictures.entries()) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const row = Math.floor(pixel / width);
      const to = 3 * (pixel + width * (row * (pictures.length - 1) + side));
      for (let channel = 0; channel < 3; channel++) data[to + channel] = rgba[4 * pixel + channel]!;
    }
  }
  return data;
}
