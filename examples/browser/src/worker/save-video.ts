import { codecReport, createVideoWriter, type Frame, type WritableCodec } from '@od-vae/video';

import type { SavedFile } from '../protocol.ts';
import { bytesTarget } from './bytes-target.ts';
import type { FinishedRun } from './run.ts';

/** What a video is written as, the best first; the last needs no codec. */
const FORMATS = [
  { format: 'mp4', codec: 'avc', mimeType: 'video/mp4' },
  { format: 'webm', codec: 'vp9', mimeType: 'video/webm' },
  { format: 'webm', codec: 'av1', mimeType: 'video/webm' },
  { format: 'webm', codec: 'vp8', mimeType: 'video/webm' },
  { format: 'y4m', codec: undefined, mimeType: 'application/octet-stream' },
] as const;

const QUALITY = 0.9;

/** The rebuilt video of a run, or original and rebuilt side by side, in a format that this browser can write. */
export async function saveVideo(
  { originals, rebuilt, info }: FinishedRun,
  { sideBySide }: { sideBySide: boolean },
  tell: (done: number) => void,
  signal: AbortSignal,
): Promise<SavedFile> {
  const { encode } = await codecReport();
  const canWrite = (codec: WritableCodec | undefined) => codec === undefined || encode.includes(codec);
  const { format, codec, mimeType } = FORMATS.find((one) => canWrite(one.codec))!;
  const { stream, bytes } = bytesTarget();
  const width = sideBySide ? 2 * info.width : info.width;
  const options = { width, height: info.height, fps: info.fps, format, codec, quality: QUALITY, signal };
  await using writer = await createVideoWriter(stream, options);
  for (const [index, frame] of rebuilt.entries()) {
    await writer.write(sideBySide ? beside(originals[index]!, frame) : frame);
    tell((index + 1) / rebuilt.length);
  }
  await writer.finish();
  return { bytes: bytes(), extension: format, mimeType };
}

function beside(left: Frame, right: Frame): Frame {
  const row = left.width * 3;
  const data = new Uint8Array(2 * left.data.length);
  for (let y = 0; y < left.height; y++) {
    data.set(left.data.subarray(y * row, (y + 1) * row), 2 * y * row);
    data.set(right.data.subarray(y * row, (y + 1) * row), (2 * y + 1) * row);
  }
  return { ...left, width: 2 * left.width, data };
}
