import { secondsText } from './words.ts';

/** Encoding's part of the time; the decoder is the larger half of every model. */
const ENCODING = 0.4;

/** The share of a run that is done, of the shares of frames that are encoded and decoded. */
export function shareDone({ encoded, decoded }: { encoded: number; decoded: number }): number {
  return ENCODING * encoded + (1 - ENCODING) * decoded;
}

/** How long the rest takes at the pace so far, such as `12 s left`; nothing before there is a pace. */
export function timeLeftText(share: number, elapsedMs: number): string {
  if (share < 0.02 || elapsedMs < 500) return '';
  if (share >= 1) return 'nearly done';
  const seconds = (elapsedMs * (1 - share)) / share / 1000;
  return `${secondsText(Math.max(1, Math.round(seconds)))} left`.replace('.0 s', ' s');
}
