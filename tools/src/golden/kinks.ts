import { goldenInput } from '@od-vae/test-utils';
import { add, mul, tensor5d, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { relativeDifference } from './golden-numbers.ts';

/** Largest change of a pixel, of a range of 2: it moves VGG's features about as far as the rounding of float32 does. */
const NUDGE = 4e-6;

/** Nudges that are tried, each in both directions. */
const PAIRS = 8;

/**
 * Compares a gradient with PyTorch's where rounding decides between two right values.
 *
 * The slope of a ReLU jumps at 0, and that of a maximum at a tie. Where a value is so close to such a kink that the
 * rounding of float32 decides on its side, two right implementations differ by a jump. (In a run with basis 3040180088,
 * one of VGG's 20th layer is -2.4e-6 in float64, where its neighbors are around 2; its jump reaches one frame.) Where
 * the gradient itself is off, it is therefore computed at points around, so close that only such kinks are crossed: the
 * expected value must lie between the smallest and the largest of them, everywhere. An error that is not a jump moves
 * all of them, and stays.
 *
 * @param gradientAt returns the gradient in the order of `expected`
 * @returns the largest distance from the interval, in parts of the largest expected value
 */
export async function errorBetweenKinks(
  gradientAt: (point: Tensor5D) => Promise<Float32Array>,
  point: Tensor5D,
  expected: Float32Array,
  tolerance: number,
): Promise<number> {
  const gradient = await gradientAt(point);
  const error = relativeDifference(gradient, expected);
  if (error <= tolerance || gradient.length !== expected.length) return error;
  const [lower, upper] = [gradient.slice(), gradient.slice()];
  for (let pair = 0; pair < PAIRS; pair++) {
    for (const sign of [NUDGE, -NUDGE]) {
      const near = tidy(() => {
        const noise = tensor5d(goldenInput(`nudge${pair}`, point.shape), point.shape);
        return add(point, mul(noise, sign)) as Tensor5D;
      });
      for (const [index, value] of (await gradientAt(near)).entries()) {
        lower[index] = Math.min(lower[index]!, value);
        upper[index] = Math.max(upper[index]!, value);
      }
      near.dispose();
    }
  }
  const nearest = expected.map((value, index) => Math.min(Math.max(value, lower[index]!), upper[index]!));
  return relativeDifference(nearest, expected);
}
