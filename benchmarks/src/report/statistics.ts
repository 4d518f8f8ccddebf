/** The middle of some numbers: the mean of the two in the middle where their count is even. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** The least of some times: what the machine can do when nothing disturbs it. */
export function best(values: readonly number[]): number {
  return Math.min(...values);
}
