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

/** How colours change. */
interface Colouring {
  /** Which channel each is taken from. */
  readonly order: readonly number[];
  readonly saturation: number;
  readonly contrasts: readonly number[];
  readonly offsets: readonly number[];
}

/**
 * The clip in other colours, the same for all its frames: red, green and blue in any order, half to four times as colourful,
 * and each with 0.7 to 1.3 times its contrast and up to 25 levels brighter or darker. Half of all clips have a box, from a
 * quarter to all of their height and width, in colours of its own. Few videos teach a model more when their colours, and those
 * of large areas beside each other, are not to be learnt by heart.
 *
 * @param random uniform in [0, 1); read 21 times
 */
export function recolourClip(clip: VideoClip, random: () => number): VideoClip {
  const [around, within] = [drawColouring(random), drawColouring(random)];
  const hasBox = random() < 0.5;
  const [columns, rows] = [drawSpan(clip.width, random), drawSpan(clip.height, random)];
  // Clamped on writing: the array rounds, and holds 0 to 255.
  const data = new Uint8ClampedArray(clip.data.length);
  for (let row = 0; row < clip.frames * clip.height; row++) {
    const isBeside = !hasBox || !isWithin(rows, row % clip.height);
    for (let column = 0; column < clip.width; column++) {
      const colouring = isBeside || !isWithin(columns, column) ? around : within;
      recolourPixel(clip.data, data, 3 * (row * clip.width + column), colouring);
    }
  }
  return { ...clip, data: new Uint8Array(data.buffer) };
}

function drawColouring(random: () => number): Colouring {
  const order = ORDERS[Math.floor(random() * ORDERS.length)]!;
  const saturation = 4 ** (1.5 * random() - 0.5);
  const contrasts = order.map(() => 0.7 + 0.6 * random());
  const offsets = order.map(() => 50 * (random() - 0.5));
  return { order, saturation, contrasts, offsets };
}

type Span = readonly [first: number, end: number];

/** A quarter to all of a length. */
function drawSpan(length: number, random: () => number): Span {
  const size = Math.ceil(length * (0.25 + 0.75 * random()));
  const first = Math.floor(random() * (length - size + 1));
  return [first, first + size];
}

function isWithin([first, end]: Span, place: number): boolean {
  return place >= first && place < end;
}

function recolourPixel(
  from: Uint8Array,
  to: Uint8ClampedArray,
  pixel: number,
  { order, saturation, contrasts, offsets }: Colouring,
): void {
  const grey = (from[pixel]! + from[pixel + 1]! + from[pixel + 2]!) / 3;
  for (let channel = 0; channel < 3; channel++) {
    const level = grey + saturation * (from[pixel + order[channel]!]! - grey);
    to[pixel + channel] = MIDDLE + contrasts[channel]! * (level - MIDDLE) + offsets[channel]!;
  }
}
