import { type FunctionCode, get, type Value } from '../wasm/function-code.ts';
import {
  add,
  divide,
  larger,
  type Level,
  multiply,
  multiplyAdd,
  negate,
  shiftLeftAndAdd,
  smaller,
  subtract,
} from '../wasm/vectors.ts';
import { constantTable } from './constants.ts';

/** Beyond this the power of two leaves the range of normal float32. */
const LIMIT = 87;
/** Added to a small number, this rounds it to a whole one, which then fills the lowest bits. */
const ROUNDER = 1.5 * 2 ** 23;
/** `-ln 2` in two parts, so that a whole multiple of it is added without rounding. */
const [LN2_HIGH, LN2_LOW] = [-0.693359375, 2.1219444e-4];
/** `(e^r - 1 - r) / r^2` for `|r| <= ln 2 / 2`, highest coefficient first (Cephes `expf`). */
const SERIES = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
] as const;

/** The numbers that the series is made of; `1` is also the bits of `2^0`. */
export const EXPONENTIAL = constantTable(0, [LIMIT, -LIMIT, Math.LOG2E, ROUNDER, LN2_HIGH, LN2_LOW, ...SERIES, 1]);

/**
 * Writes `e^x` of four numbers, within 2 units in the last place; `x` is first brought into -87..87.
 *
 * @param side 1 for the second of two vectors that an engine may join
 */
export function exponential(code: FunctionCode, level: Level, side = 0): (x: Value<'v128'>) => Value<'v128'> {
  const [rest, whole, sum] = [code.local('v128'), code.local('v128'), code.local('v128')];
  const constant = EXPONENTIAL.read(side);
  return (x) => {
    code.set(rest, larger(smaller(x, constant(LIMIT)), constant(-LIMIT)));
    code.set(whole, multiplyAdd(level, get(rest), constant(Math.LOG2E), constant(ROUNDER)));
    code.set(sum, subtract(get(whole), constant(ROUNDER)));
    code.set(rest, multiplyAdd(level, get(sum), constant(LN2_HIGH), get(rest)));
    code.set(rest, multiplyAdd(level, get(sum), constant(LN2_LOW), get(rest)));
    const [highest, ...lower] = SERIES;
    code.set(sum, constant(highest));
    for (const coefficient of lower) {
      code.set(sum, multiplyAdd(level, get(sum), get(rest), constant(coefficient)));
    }
    code.set(sum, multiplyAdd(level, multiply(get(sum), get(rest)), get(rest), get(rest)));
    return multiply(add(get(sum), constant(1)), shiftLeftAndAdd(get(whole), 23, constant(1)));
  };
}

/** Writes `1 / (1 + e^-x)` of four numbers. */
export function sigmoid(code: FunctionCode, level: Level, side = 0): (x: Value<'v128'>) => Value<'v128'> {
  const power = exponential(code, level, side);
  const one = EXPONENTIAL.read(side)(1);
  return (x) => divide(one, add(power(negate(x)), one));
}
