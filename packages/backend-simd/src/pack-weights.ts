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

/**
 * A kernel `[time, height, width, in, out]` in the order in which tiles read it: `[panel, part of the channels, time,
 * height * width, channels of a part, columns of a panel]`, output channels filled up with zeros.
 */
export function packWeights(weights: Float32Array, shape: readonly number[], blockColumns: number): Float32Array {
  const [time, height, width, channels, outChannels] = shape as [number, number, number, number, number];
  const taps = time * height * width;
  const panels = panelCount(outChannels, blockColumns);
  const together = channelPart(channels);
  const packed = sharedFloats(panels * taps * channels * blockColumns);
  const panelLength = taps * channels * blockColumns;
  let from = 0;
  for (let tap = 0; tap < taps; tap++) {
    for (let channel = 0; channel < channels; channel++) {
      const part = Math.floor(channel / together);
      let to = ((part * taps + tap) * together + (channel % together)) * blockColumns;
      for (let panel = 0; panel < panels; panel++) {
        const columns = Math.min(blockColumns, outChannels - panel * blockColumns);
        for (let column = 0; column < columns; column++) packed[to + column] = weights[from + column]!;
        from += columns;
        to += panelLength;
      }
    }
  }
  return packed;
}
