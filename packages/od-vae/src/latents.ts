import { MediaError } from '@od-vae/core';
import { tensor5d, type Tensor5D } from '@tensorflow/tfjs-core';

/** Consecutive latent frames as plain numbers. */
export interface LatentChunk {
  /** `[time, height, width, channels]`, row-major. */
  readonly data: Float32Array;
  readonly shape: readonly [time: number, height: number, width: number, channels: number];
  /** What the latents were taken from, in the same order; there when it was asked for. */
  readonly posterior?: { readonly mean: Float32Array; readonly logvar: Float32Array } | undefined;
}

/** One latent frame as plain numbers. */
export interface LatentFrame {
  readonly data: Float32Array;
  readonly shape: readonly [height: number, width: number, channels: number];
}

/** The frames of a stream of chunks, one by one. */
export async function* latentFrames(
  chunks: AsyncIterable<LatentChunk> | Iterable<LatentChunk>,
): AsyncGenerator<LatentFrame, void, undefined> {
  for await (const { data, shape } of chunks) {
    const [time, height, width, channels] = shape;
    const size = height * width * channels;
    for (let frame = 0; frame < time; frame++) {
      yield { data: data.subarray(frame * size, (frame + 1) * size), shape: [height, width, channels] };
    }
  }
}

/**
 * A fresh tensor `[1, time, height, width, channels]` of latent frames.
 *
 * @throws MediaError when a value is no finite number, which would end in black pictures
 */
export function clipOfLatents(frames: readonly LatentFrame[]): Tensor5D {
  const [height, width, channels] = frames[0]!.shape;
  const size = height * width * channels;
  const values = new Float32Array(frames.length * size);
  for (const [index, { data }] of frames.entries()) values.set(data, index * size);
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) {
    throw new MediaError(
      `decodeLatents: latents must be finite numbers, but one of these ${frames.length} frames has ${wrong}.`,
    );
  }
  return tensor5d(values, [1, frames.length, height, width, channels]);
}
