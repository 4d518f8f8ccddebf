import type { VideoClip } from './crop-clip.ts';

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;
const GREY = 127.5;

/**
 * The clip in other colours, the same for all its frames: red, green and blue in any order, contrast 0.7 to 1.3 times, and
 * up to 25 levels brighter or darker. Few videos teach a model more when their colours are not to be learnt by heart.
 *
 * @param random uniform in [0, 1); read three times
 */
export function recolourClip(clip: VideoClip, random: () => number): VideoClip {
  const order = ORDERS[Math.floor(random() * ORDERS.length)]!;
  const contrast = 0.7 + 0.6 * random();
  const offset = GREY + 50 * (random() - 0.5);
  // Clamped on writing: the array rounds, and holds 0 to 255.
  const levels = Uint8ClampedArray.from({ length: 256 }, (_, level) => contrast * (level - GREY) + offset);
  const data = new Uint8Array(clip.data.length);
  for (let pixel = 0; pixel < data.length; pixel += 3) {
    for (let channel = 0; channel < 3; channel++) data[pixel + channel] = levels[clip.data[pixel + order[channel]!]!]!;
  }
  return { ...clip, data };
}
