import { causalRule } from './frame-terms.ts';
import type { ConvolutionGeometry } from './convolution-geometry.ts';

/** Every so many rows and columns of a convolution's input, from one on: their gradient is one plain convolution. */
export interface Phase {
  /** First row and column. */
  readonly row: number;
  readonly column: number;
  /** First tap of the kernel that these rows and columns meet; then every so many, as the strides say. */
  readonly down: number;
  readonly across: number;
  /** From the gradient of the output to that of these pixels. */
  readonly geometry: ConvolutionGeometry;
}

/** The phases of a convolution, as many as its strides; without those that no tap meets or that have no pixel. */
export function phasesOf(geometry: ConvolutionGeometry): Phase[] {
  const { kernel, strides, input, top, left } = geometry;
  const phases: Phase[] = [];
  for (let row = 0; row < strides.height; row++) {
    for (let column = 0; column < strides.width; column++) {
      const vertical = phaseOf(row, kernel.height, strides.height, top, input.height);
      const horizontal = phaseOf(column, kernel.width, strides.width, left, input.width);
      if ([vertical.taps, vertical.size, horizontal.taps, horizontal.size].some((count) => count <= 0)) continue;
      phases.push({
        row,
        column,
        down: vertical.tap,
        across: horizontal.tap,
        geometry: {
          batch: geometry.batch,
          channels: geometry.outChannels,
          outChannels: geometry.channels,
          source: geometry.output,
          input: geometry.output,
          output: { time: input.time, height: vertical.size, width: horizontal.size },
          kernel: { time: kernel.time, height: vertical.taps, width: horizontal.taps },
          strides: { time: 1, height: 1, width: 1 },
          top: vertical.before,
          left: horizontal.before,
          enlargement: undefined,
          frames: { ...(geometry.frames ?? causalRule(geometry)), direction: 'backward' },
        },
      });
    }
  }
  return phases;
}

/** Along one axis: the first tap, how many, the zeros before the gradient, the pixels of the phase. */
function phaseOf(first: number, kernel: number, stride: number, before: number, size: number) {
  // Stock convolutions may cut rows off: `before` is negative then.
  const tap = (((first + before) % stride) + stride) % stride;
  const taps = Math.ceil((kernel - tap) / stride);
  return { tap, taps, before: taps - 1 - (first + before - tap) / stride, size: Math.ceil((size - first) / stride) };
}
