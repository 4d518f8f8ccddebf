import { type FunctionCode, get, type Value } from '../wasm/function-code.ts';
import {
  add,
  type Level,
  maximum,
  minimum,
  multiply,
  multiplyAdd,
  nearest,
  powerOfTwo,
  splat,
} from '../wasm/vectors.ts';

/** `ln 2` in two parts, so that a whole multiple of it is subtracted without rounding. */
const LN2 = { high: 0.693359375, low: -2.1219444e-4 };
/** Coefficients of `(e^r - 1 - r) / r^2` for `|r| <= ln 2 / 2`, highest first (Cephes `expf`). */
const SERIES = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1];
/** Beyond this the power of two leaves the range of normal float32. */
const LIMIT = 87;

/** Writes `e^x` of four numbers, within 2 units in the last place; `x` is first brought into -87..87. */
export function exponential(code: FunctionCode, level: Level): (x: Value<'v128'>) => Value<'v128'> {
  const [rest, whole, sum] = [code.local('v128'), code.local('v128'), code.local('v128')];
  return (x) => {
    code.set(rest, maximum(minimum(x, splat(LIMIT)), splat(-LIMIT)));
    code.set(whole, nearest(multiply(get(rest), splat(Math.LOG2E))));
    code.set(rest, multiplyAdd(level, get(whole), splat(-LN2.high), get(rest)));
    code.set(rest, multiplyAdd(level, get(whole), splat(-LN2.low), get(rest)));
    const [first, ...others] = SERIES.map(splat);
    code.set(sum, first!);
    for (const coefficient of others) code.set(sum, multiplyAdd(level, get(sum), get(rest), coefficient));
    code.set(sum, multiplyAdd(level, multiply(get(sum), get(rest)), get(rest), get(rest)));
    return multiply(add(get(sum), splat(1)), powerOfTwo(get(whole)));
  };
}
