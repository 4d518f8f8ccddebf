import { sizeOf } from '@od-vae/core/base';

import { sharedFloats } from './shared-floats.ts';
import { panelCount } from './tasks/convolution-geometry.ts';

/** Input channels whose weights lie together at most. */
const CHANNELS = 128;

/** The most channels, at most 128, that cut all of them into equal parts of whole vectors; all where there are no such. */
export function channelPart(channels: number): number {
  if (channels % 4 !== 0) return channels;
  let parts = Math.ceil(channels / CHANNELS);
  while (channels % parts !== 0 || (channels / parts) % 4 !== 0) parts += 1;
  return channels / parts;
}

/** A kernel as tiles read it. */
export interface PackedWeights {
  /** Of the kernel: `[time, height, width, in, out]`. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * A kernel `[time, height, width, in, out]` in the order in which tiles read it: `[panel, part of the channels, time,
 * height * width, channels of a part, columns of a panel]`, output channels filled up with zeros.
 */
export function packWeights(weights: Float32Array, shape: readonly number[], blockColumns: number): PackedWeights {
  const values = sharedFloats(packedLength(shape, blockColumns));
  eachRun(shape, blockColumns, (from, to, length) => {
    for (let i = 0; i < length; i++) values[to + i] = weights[from + i]!;
  });
  return { shape, values };
}

/** The kernel that {@link packWeights} was given. */
export function unpackWeights({ shape, values }: PackedWeights, blockColumns: number): Float32Array {
  const weights = new Float32Array(sizeOf(shape));
  eachRun(shape, blockColumns, (from, to, length) => {
    for (let i = 0; i < length; i++) weights[from + i] = values[to + i]!;
  });
  return weights;
}

function packedLength(shape: readonly number[], blockColumns: number): number {
  const [time, height, width, channels, outChannels] = shape as [number, number, number, number, number];
  return panelCount(outChannels, blockColumns) * time * height * width * channels * blockColumns;
}

/** Visits the runs of numbers that lie side by side in a kernel and in its packed form. */
function eachRun(
  shape: readonly number[],
  blockColumns: number,
  visit: (from: number, to: number, length: number) => void,
): void {
  const [time, height, width, channels, outChannels] = shape as [number, number, number, number, number];
  const taps = time * height * width;
  const panels = panelCount(outChannels, blockColumns);
  const together = channelPart(channels);
  const panelLength = taps * channels * blockColumns;
  let from = 0;
  for (let tap = 0; tap < taps; tap++) {
    for (let channel = 0; channel < channels; channel++) {
      const part = Math.floor(channel / together);
      let to = ((part * taps + tap) * together + (channel % together)) * blockColumns;
      for (let panel = 0; panel < panels; panel++) {
        const columns = Math.min(blockColumns, outChannels - panel * blockColumns);
        visit(from, to, columns);
        from += columns;
        to += panelLength;
      }
    }
  }
}
