import { normalSource } from '@od-vae/core/base';

/** How a 2D kernel becomes a 3D one (the paper's section on initialization). */
export type InflationMethod = 'tail' | 'average' | 'random';

/** A kernel in PyTorch's layout `[out, in, time, height, width]`, as the product of its parts. */
export interface KernelSize {
  /** Out times in channels. */
  readonly channels: number;
  readonly time: number;
  /** Height times width. */
  readonly area: number;
}

/**
 * Grows a 2D kernel `[out, in, height, width]` into `[out, in, time, height, width]`; one tap stays what it was.
 *
 * Every inflation whose taps sum to the 2D kernel leaves an image as it was, since an image's causal taps all read the same
 * frame. Tail and average do; random does not.
 */
export type Inflation = (kernel: Float32Array, size: KernelSize) => Float32Array;

/** Tail initialization, the paper's choice: the newest tap is the 2D kernel, every older tap is zero. */
export const tailInflation: Inflation = (kernel, { channels, time, area }) => {
  const inflated = new Float32Array(channels * time * area);
  for (let pair = 0; pair < channels; pair++) {
    inflated.set(kernel.subarray(pair * area, (pair + 1) * area), (pair * time + time - 1) * area);
  }
  return inflated;
};

/** Average initialization: every tap is the 2D kernel divided by the number of taps. */
export const averageInflation: Inflation = (kernel, { channels, time, area }) => {
  const inflated = new Float32Array(channels * time * area);
  const share = kernel.map((value) => value / time);
  for (let tap = 0; tap < channels * time; tap++) {
    const pair = Math.floor(tap / time);
    inflated.set(share.subarray(pair * area, (pair + 1) * area), tap * area);
  }
  return inflated;
};

/** Random initialization: kernels that gain taps are Gaussian noise; the paper does not name its deviation. */
export function randomInflation({ seed = 0, deviation = 0.02 }: { seed?: number; deviation?: number } = {}): Inflation {
  const normal = normalSource(seed);
  return (kernel, { channels, time, area }) =>
    time === 1 ? kernel : Float32Array.from({ length: channels * time * area }, () => deviation * normal());
}

/** A 3D kernel `[channels, channels, time, height, width]` that passes the newest frame on unchanged. */
export function diracKernel(channels: number, time: number, height: number, width: number): Float32Array {
  const area = height * width;
  const kernel = new Float32Array(channels * channels * time * area);
  const centre = (time - 1) * area + Math.floor(height / 2) * width + Math.floor(width / 2);
  for (let channel = 0; channel < channels; channel++) kernel[channel * (channels + 1) * time * area + centre] = 1;
  return kernel;
}
