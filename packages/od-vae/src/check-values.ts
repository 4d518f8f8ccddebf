import { ShapeError } from '@od-vae/core';
import { assertClip } from '@od-vae/models';
import { getBackend, type Tensor5D } from '@tensorflow/tfjs-core';

/** Filters that resize pictures overshoot [-1, 1] a little; pixels of 0 to 255 and of 0 to 1 times 255 lie far outside. */
const MOST = 1.5;

/** Backends whose tensors lie in memory that can be read without waiting. */
const READABLE: ReadonlySet<string> = new Set(['cpu', 'simd', 'wasm', 'tensorflow']);

/**
 * Checks that a clip can be encoded, with all of its values, which are read for it.
 *
 * @throws ShapeError when the clip is no float32 tensor `[batch, time, height, width, 3]`, or has values that are not
 *   finite or lie far outside [-1, 1]
 */
export async function checkClip(clip: Tensor5D): Promise<void> {
  assertClip('checkClip', clip);
  assertValues('checkClip', await clip.data<'float32'>());
}

/** Checks the values of a clip where that needs no waiting. */
export function assertFirstValues(clip: Tensor5D): void {
  if (READABLE.has(getBackend())) assertValues('encode', clip.dataSync<'float32'>());
}

function assertValues(caller: string, values: Float32Array): void {
  for (const value of values) {
    if (!(Math.abs(value) <= MOST)) {
      throw new ShapeError(
        `${caller}: the clip must have values in [-1, 1], but holds ${value}; ` +
          'clipFromPixels converts pixels of 0 to 255.',
      );
    }
  }
}
