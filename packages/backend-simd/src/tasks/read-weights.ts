import { channelPart } from '../pack-weights.ts';
import type { Workspace } from '../workspace.ts';
import type { ConvolutionGeometry } from './convolution-geometry.ts';
import type { Slab } from './frame-terms.ts';

/** Packed weights and biases of a convolution. */
export interface WeightSource {
  readonly geometry: ConvolutionGeometry;
  /** From `packWeights`. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** Which weights are wanted: of one panel of output channels and one part of the input channels. */
export interface WeightPart {
  readonly panel: number;
  readonly part: number;
}

/** Numbers of one slab of a panel and part. */
export function slabLength({ kernel, channels }: ConvolutionGeometry, blockColumns: number): number {
  return kernel.height * kernel.width * channelPart(channels) * blockColumns;
}

/**
 * Copies weights into scratch as `[slabs, height * width, channels of a part, columns of a panel]`, those of taps that read
 * the same frame as their sum.
 *
 * @param spare address of room for one more slab
 */
export function readWeights(
  { floats, run, block }: Workspace,
  { to, spare }: { to: number; spare: number },
  { geometry, weights }: WeightSource,
  { panel, part }: WeightPart,
  slabs: readonly Slab[],
): void {
  const length = slabLength(geometry, block.columns);
  const parts = geometry.channels / channelPart(geometry.channels);
  const begin = (panel * parts + part) * geometry.kernel.time * length;
  const copy = (tap: number, address: number) => {
    floats.set(weights.subarray(begin + tap * length, begin + (tap + 1) * length), address / 4);
    return address;
  };
  const places = new Map<number, number>();
  slabs.forEach(({ first, count }, index) => {
    copy(first, to + index * length * 4);
    if (count === 1) places.set(first, to + index * length * 4);
  });
  slabs.forEach(({ first, count }, index) => {
    const target = to + index * length * 4;
    for (let tap = first + 1; tap < first + count; tap++) {
      run.Add(target, places.get(tap) ?? copy(tap, spare), target, length / 4, 0);
    }
  });
}

/** Copies a panel's biases, filled up with zeros. */
export function readBias({ floats, block }: Workspace, to: number, bias: Float32Array, panel: number): void {
  floats.fill(0, to, to + block.columns);
  floats.set(bias.subarray(panel * block.columns, (panel + 1) * block.columns), to);
}
