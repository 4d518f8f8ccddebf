import { secondsText } from './words.ts';

/** How far each phase of a run is, from 0 to 1. */
export interface PhaseShares {
  readonly read: number;
  readonly loaded: number;
  readonly encoded: number;
  readonly decoded: number;
}

/** Expected part of each phase in the time of a run; the decoder is the larger half of every model. */
const PARTS: PhaseShares = { read: 0.15, loaded: 0.1, encoded: 0.3, decoded: 0.45 };

/** Returns the share of a run that is done, from 0 to 1. */
export function shareDone(shares: PhaseShares): number {
  const phases = Object.keys(PARTS) as (keyof PhaseShares)[];
  return Math.min(
    1,
    phases.reduce((sum, phase) => sum + PARTS[phase] * shares[phase], 0),
  );
}

/** Returns the share of encoding and decoding alone that is done. */
export function shareCoded({ encoded, decoded }: Pick<PhaseShares, 'encoded' | 'decoded'>): number {
  return (PARTS.encoded * encoded + PARTS.decoded * decoded) / (PARTS.encoded + PARTS.decoded);
}

/** Returns how long the rest takes at the pace so far, such as `12 s left`; an empty text before there is a pace. */
export function timeLeftText(share: number, elapsedMs: number): string {
  if (share < 0.02 || elapsedMs < 500) return '';
  if (share >= 1) return 'nearly done';
  const seconds = (elapsedMs * (1 - share)) / share / 1000;
  return `${secondsText(Math.max(1, Math.round(seconds)))} left`.replace('.0 s', ' s');
}
