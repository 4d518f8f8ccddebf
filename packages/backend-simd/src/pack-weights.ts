import { sizeOf } from '@od-vae/core/base';

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
 *
 * @param take gives memory of so many numbers, of any content
 */
export function packWeights(
  weights: Float32Array,
  shape: readonly number[],
  blockColumns: number,
  take: (count: number) => Float32Array,
): PackedWeights {
  const { panels, taps, channels, outChannels, together } = partsOf(shape, blockColumns);
  const values = take(panels * taps * channels * blockColumns);
  eachPart(shape, blockColumns, (from, to, columns) => {
    for (let channel = 0; channel < together; channel++) {
      const [source, target] = [from + channel * outChannels, to + channel * blockColumns];
      for (let i = 0; i < blockColumns; i++) values[target + i] = i < columns ? weights[source + i]! : 0;
    }
  });
  return { shape, values };
}

/** The kernel that {@link packWeights} was given. */
export function unpackWeights({ shape, values }: PackedWeights, blockColumns: number): Float32Array {
  const weights = new Float32Array(sizeOf(shape));
  const { together, outChannels } = partsOf(shape, blockColumns);
  eachPart(shape, blockColumns, (to, from, columns) => {
    for (let channel = 0; channel < together; channel++) {
      const [source, target] = [from + channel * blockColumns, to + channel * outChannels];
      for (let i = 0; i < columns; i++) weights[target + i] = values[source + i]!;
    }
  });
  return weights;
}

function partsOf(shape: readonly number[], blockColumns: number) {
  const [time, height, width, channels, outChannels] = shape as [number, number, number, number, number];
  const [panels, together] = [panelCount(outChannels, blockColumns), channelPart(channels)];
  return { taps: time * height * width, channels, outChannels, panels, together };
}

/**
 * Visits each panel of each part of the channels of each tap: where it begins in the kernel, where in the packed one, and
 * how many of its columns there are. All panels of a part follow one another: its lines are then still in the cache.
 */
function eachPart(
  shape: readonly number[],
  blockColumns: number,
  visit: (plain: number, packed: number, columns: number) => void,
): void {
  const { taps, channels, outChannels, panels, together } = partsOf(shape, blockColumns);
  const length = together * blockColumns;
  for (let first = 0; first < channels; first += together) {
    for (let tap = 0; tap < taps; tap++) {
      const plain = (tap * channels + first) * outChannels;
      const packed = ((first / together) * taps + tap) * length;
      for (let panel = 0; panel < panels; panel++) {
        const column = panel * blockColumns;
        const columns = Math.min(blockColumns, outChannels - column);
        visit(plain + column, packed + panel * channels * taps * blockColumns, columns);
      }
    }
  }
}
