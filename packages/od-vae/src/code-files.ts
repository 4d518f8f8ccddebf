import { type LongCallOptions, MediaError } from '@od-vae/core';
import { strides } from '@od-vae/models';
import { createVideoWriter, openVideo, type VideoSource } from '@od-vae/video';
import { getBackend } from '@tensorflow/tfjs-core';

import { decodeLatents } from './decode-latents.ts';
import { encodeFrames, type PosteriorOptions, type TilingChoice } from './encode-frames.ts';
import { fitFrames, fittedExtent, type ModelStrides, policyNote } from './frame-policy.ts';
import type { LatentChunk } from './latents.ts';
import { type LatentsInfo, readLatentsFile, writeLatentsFile } from './latents-file.ts';
import type { Model } from './model.ts';
import { frameOfPicture } from './pixels.ts';
import { extentsOf, passing, readOptions, type VideoInputOptions, type VideoOutputOptions } from './reconstruct.ts';

/** What {@link encodeFile} takes. */
export type EncodeFileOptions = VideoInputOptions & PosteriorOptions & TilingChoice & LongCallOptions;

/** What {@link decodeFile} takes. */
export type DecodeFileOptions = VideoOutputOptions & TilingChoice & LongCallOptions;

/** What came of coding a file. */
export interface CodeReport extends LatentsInfo {
  /** In PyTorch's order, `[batch, channels, time, height, width]`. */
  readonly latentShape: readonly number[];
  readonly seconds: number;
  readonly backend: string;
  readonly output: string;
  /** What was done to make the video fit, in a sentence; undefined where it fitted. */
  readonly note: string | undefined;
}

/** Compresses a video into a latents file. */
export async function encodeFile(
  model: Model & { label: string },
  source: VideoSource,
  target: string,
  options: EncodeFileOptions = {},
): Promise<CodeReport> {
  const { framePolicy = 'pad', sample = false, seed = 0, tiling, onProgress, signal } = options;
  const started = performance.now();
  const reader = await openVideo(source, readOptions(options));
  try {
    const { kept, total } = extentsOf(reader, model, framePolicy);
    const modelStrides = strides(model.config);
    let came = 0;
    const counted = passing(reader.frames(), () => {
      came += 1;
    });
    const frames = fitFrames(counted, modelStrides, framePolicy);
    const chunks: LatentChunk[] = [];
    for await (const chunk of encodeFrames(model, frames, { sample, seed, tiling, total, onProgress, signal })) {
      chunks.push(chunk);
    }
    const clip = { frames: came, width: reader.width, height: reader.height };
    const fitted = fittedExtent('encode', clip, modelStrides, framePolicy);
    const info: LatentsInfo = {
      model: model.label,
      frames: framePolicy === 'trim' ? fitted.frames : came,
      ...kept,
      fps: reader.fps,
      scalingFactor: model.config.scalingFactor,
      posterior: sample ? `sample, seed ${seed}` : 'mode',
    };
    await writeLatentsFile(target, chunks, info, { signal });
    return { ...info, ...outcome(chunks, started, target), note: policyNote(clip, fitted, modelStrides) };
  } finally {
    await reader.close();
  }
}

/**
 * Rebuilds the video of a latents file.
 *
 * @throws MediaError when it is none, or promises more frames or pixels than its latents give.
 */
export async function decodeFile(
  model: Model,
  source: string,
  target: string,
  { format, codec, quality, lossless, tiling, onProgress, signal }: DecodeFileOptions = {},
): Promise<CodeReport> {
  const started = performance.now();
  const { info, chunk } = await readLatentsFile(source);
  assertDecodable(source, info, chunk, strides(model.config));
  const { width, height, fps, frames } = info;
  const writer = await createVideoWriter(target, { width, height, fps, format, codec, quality, lossless, signal });
  try {
    const pictures = decodeLatents(model, [chunk], { tiling, width, height, fps, frames, onProgress, signal });
    for await (const picture of pictures) await writer.write(frameOfPicture(picture));
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return { ...info, ...outcome([chunk], started, target), note: undefined };
}

/** Refuses a file that promises more than its latents give; its numbers would decide how much memory a writer takes. */
function assertDecodable(
  label: string,
  info: LatentsInfo,
  { shape }: LatentChunk,
  { time, space }: ModelStrides,
): void {
  const [count, rows, columns] = shape;
  const most = { frames: (count - 1) * time + 1, width: columns * space, height: rows * space };
  if (info.frames > most.frames || info.width > most.width || info.height > most.height) {
    throw new MediaError(
      `${label}: says ${info.frames} frames of ${info.width}x${info.height}, but its latents give at most ` +
        `${most.frames} of ${most.width}x${most.height}.`,
    );
  }
}

function outcome(chunks: readonly LatentChunk[], started: number, output: string) {
  const [, height, width, channels] = chunks[0]!.shape;
  const time = chunks.reduce((sum, { shape }) => sum + shape[0], 0);
  const seconds = (performance.now() - started) / 1000;
  return { latentShape: [1, channels, time, height, width], seconds, backend: getBackend(), output };
}
