import { BLOCK_COLUMNS } from './code/gemm.ts';
import { sharedFloats } from './shared-floats.ts';
import { panelCount } from './tasks/convolution-geometry.ts';

/**
 * A kernel `[time, height, width, in, out]` in the order in which the microkernel reads it:
 * `[time, panel, height * width, in, 8]`, output channels filled up with zeros.
 */
export function packWeights(weights: Float32Array, shape: readonly number[]): Float32Array {
  const [time, height, width, channels, outChannels] = shape as [number, number, number, number, number];
  const taps = height * width;
  const panels = panelCount(outChannels);
  const packed = sharedFloats(time * panels * taps * channels * BLOCK_COLUMNS);
  let from = 0;
  for (let slab = 0; slab < time; slab++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let channel = 0; channel < channels; channel++) {
        for (let panel = 0; panel < panels; panel++) {
          const to = (((slab * panels + panel) * taps + tap) * channels + channel) * BLOCK_COLUMNS;
          const columns = Math.min(BLOCK_COLUMNS, outChannels - panel * BLOCK_COLUMNS);
          for (let column = 0; column < columns; column++) packed[to + column] = weights[from++]!;
        }
      }
    }
  }
  return packed;
}
