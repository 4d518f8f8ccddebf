/**
 * A frame rate as a fraction: whole rates over one, rates such as 29.97 over 1001, others to a millionth.
 */
export function toRational(fps: number): readonly [numerator: number, denominator: number] {
  for (const denominator of [1, 1001]) {
    const numerator = Math.round((fps * denominator) / (denominator === 1 ? 1 : 1000)) * (denominator === 1 ? 1 : 1000);
    if (numerator > 0 && Math.abs(numerator / denominator - fps) < 1e-4 * fps * (denominator === 1 ? 1e-2 : 1)) {
      return [numerator, denominator];
    }
  }
  const numerator = Math.round(fps * 1e6);
  const divisor = greatestDivisor(numerator, 1e6);
  return [numerator / divisor, 1e6 / divisor];
}

function greatestDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestDivisor(right, left % right);
}
