import { halfToEven, type WindowSpan } from './crop-clip.ts';

/** How windows lie and move. */
export interface SpanOptions {
  /** Frames of the clip. */
  readonly frames: number;
  /** In the middle (of the way, where it moves) or anywhere. */
  readonly crop: 'centre' | 'random';
  /** Most px that it moves from frame to frame. */
  readonly pan: number;
}

/**
 * Where a window of `size` px lies in a picture of `length`, and how far it moves; it never leaves the picture.
 *
 * @param random uniform in [0, 1); read once for the speed, unless that is 0, and once for a place that is not the centre
 */
export function drawSpan(
  length: number,
  size: number,
  { frames, crop, pan }: SpanOptions,
  random: () => number,
): WindowSpan {
  const speed = pan === 0 ? 0 : pan * (2 * random() - 1);
  const distance = Math.min(Math.round(Math.abs(speed) * (frames - 1)), length - size);
  const room = length - size - distance;
  const before = crop === 'centre' ? halfToEven(room) : Math.floor(random() * (room + 1));
  return speed < 0 ? { start: before + distance, travel: -distance } : { start: before, travel: distance };
}
