import { channelPart } from '../pack-weights.ts';
import type { Workspace } from '../workspace.ts';
import { type ConvolutionGeometry, panelCount } from './convolution-geometry.ts';
import type { Phase } from './phases.ts';

/** Inputs of {@link turnWeights}. */
export interface TurnArguments {
  /** Of the convolution, not of its gradient. */
  readonly geometry: ConvolutionGeometry;
  readonly phase: Phase;
  /** `[time, height, width, in, out]`. */
  readonly weights: Float32Array;
  /** As of `packWeights` for the phase's geometry. */
  readonly packed: Float32Array;
}

/** Numbers that the packed weights of a phase take. */
export function turnedLength({ geometry }: Phase, blockColumns: number): number {
  const { kernel, channels, outChannels } = geometry;
  const taps = kernel.time * kernel.height * kernel.width;
  return panelCount(outChannels, blockColumns) * taps * channels * blockColumns;
}

/** Packs one tap of a phase, turned around in space, inputs and outputs exchanged. */
export function turnWeights({ block }: Workspace, call: TurnArguments, tap: number): void {
  const { phase, weights, packed } = call;
  const { kernel, strides, channels: columns, outChannels: depth } = call.geometry;
  const { time, height, width } = phase.geometry.kernel;
  const x = phase.across + (width - 1 - (tap % width)) * strides.width;
  const y = phase.down + (height - 1 - (Math.floor(tap / width) % height)) * strides.height;
  const t = Math.floor(tap / (width * height));
  const from = ((t * kernel.height + y) * kernel.width + x) * columns * depth;
  const together = channelPart(depth);
  const taps = time * height * width;
  const panelLength = taps * depth * block.columns;
  const wanted = Math.ceil(columns / block.columns) * block.columns;
  for (let part = 0; part < depth; part += together) {
    const begin = ((part / together) * taps + tap) * together * block.columns;
    for (let column = 0; column < wanted; column++) {
      let to = begin + Math.floor(column / block.columns) * panelLength + (column % block.columns);
      const source = from + column * depth + part;
      for (let index = 0; index < together; index++) {
        packed[to] = column < columns ? weights[source + index]! : 0;
        to += block.columns;
      }
    }
  }
}
