/** How the learning rate changes over a run. */
export interface LearningRate {
  /** The rate after warming up; 1e-5 in the paper. */
  readonly rate: number;
  /** `constant` (the paper's), or a fall to `final` by half a cosine or a straight line. */
  readonly shape?: 'constant' | 'cosine' | 'linear' | undefined;
  /** Steps in which the rate rises from zero, linearly; 0. */
  readonly warmup?: number | undefined;
  /** The rate at the end of the run; 0. */
  readonly final?: number | undefined;
}

/** The learning rate of a step, counted from 1, of a run of `steps`. */
export function learningRateAt(
  { rate, shape = 'constant', warmup = 0, final = 0 }: LearningRate,
  step: number,
  steps: number,
): number {
  if (step <= warmup) return (rate * step) / warmup;
  if (shape === 'constant') return rate;
  const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  const left = shape === 'cosine' ? (1 + Math.cos(Math.PI * done)) / 2 : 1 - done;
  return final + (rate - final) * left;
}
