import type { VideoClip } from './crop-clip.ts';

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;
const MIDDLE = 127.5;

/**
 * The clip in other colours, the same for all its frames: red, green and blue in any order, half to twice as colourful, and
 * each with 0.7 to 1.3 times its contrast and up to 25 levels brighter or darker. Few videos teach a model more when their
 * colours are not to be learnt by heart.
 *
 * @param random uniform in [0, 1); read eight times
 */
export function recolourClip(clip: VideoClip, random: () => number): VideoClip {
  const order = ORDERS[Math.floor(random() * ORDERS.length)]!;
  const saturation = 4 ** (random() - 0.5);
  const contrasts = order.map(() => 0.7 + 0.6 * random());
  const offsets = order.map(() => 50 * (random() - 0.5));
  // Clamped on writing: the array rounds, and holds 0 to 255.
  const data = new Uint8ClampedArray(clip.data.length);
  for (let pixel = 0; pixel < data.length; pixel += 3) {
    const grey = (clip.data[pixel]! + clip.data[pixel + 1]! + clip.data[pixel + 2]!) / 3;
    for (let channel = 0; channel < 3; channel++) {
      const level = grey + saturation * (clip.data[pixel + order[channel]!]! - grey);
      data[pixel + channel] = MIDDLE + contrasts[channel]! * (level - MIDDLE) + offsets[channel]!;
    }
  }
  return { ...clip, data: new Uint8Array(data.buffer) };
}
