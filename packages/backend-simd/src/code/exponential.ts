import { type FunctionCode, get, type Value } from '../wasm/function-code.ts';
import {
  add,
  divide,
  larger,
  type Level,
  loadAt,
  multiply,
  multiplyAdd,
  negate,
  shiftLeftAndAdd,
  smaller,
  subtract,
} from '../wasm/vectors.ts';

/**
 * The numbers that the series is made of. They lie at the beginning of scratch: V8 makes a constant in
 * the code anew at each use, of four instructions, and an operand in memory costs none.
 */
const CONSTANTS = {
  /** Beyond this the power of two leaves the range of normal float32. */
  limit: 87,
  lowest: -87,
  log2e: Math.LOG2E,
  /** Added to a small number, this rounds it to a whole one, which then fills the lowest bits. */
  rounder: 1.5 * 2 ** 23,
  /** `-ln 2` in two parts, so that a whole multiple of it is added without rounding. */
  ln2High: -0.693359375,
  ln2Low: 2.1219444e-4,
  /** `(e^r - 1 - r) / r^2` for `|r| <= ln 2 / 2`, highest coefficient first (Cephes `expf`). */
  c5: 1.98756915e-4,
  c4: 1.3981999507e-3,
  c3: 8.3334519073e-3,
  c2: 4.1665795894e-2,
  c1: 1.6666665459e-1,
  c0: 5.0000001201e-1,
  /** Also the bits of `2^0`. */
  one: 1,
} as const;
type Constant = keyof typeof CONSTANTS;

/** Floats of scratch, from address 0, that hold the constants: eight of each, one vector of 256 bits. */
export const CONSTANT_FLOATS = Float32Array.from(Object.values(CONSTANTS).flatMap((value) => Array(8).fill(value)));

const ADDRESS = Object.fromEntries(Object.keys(CONSTANTS).map((name, index) => [name, index * 32])) as Record<
  Constant,
  number
>;

/**
 * Writes `e^x` of four numbers, within 2 units in the last place; `x` is first brought into -87..87.
 *
 * @param side 1 for the second of two vectors that an engine may join
 */
export function exponential(code: FunctionCode, level: Level, side = 0): (x: Value<'v128'>) => Value<'v128'> {
  const [rest, whole, sum] = [code.local('v128'), code.local('v128'), code.local('v128')];
  const constant = constants(side);
  return (x) => {
    code.set(rest, larger(smaller(x, constant('limit')), constant('lowest')));
    code.set(whole, multiplyAdd(level, get(rest), constant('log2e'), constant('rounder')));
    code.set(sum, subtract(get(whole), constant('rounder')));
    code.set(rest, multiplyAdd(level, get(sum), constant('ln2High'), get(rest)));
    code.set(rest, multiplyAdd(level, get(sum), constant('ln2Low'), get(rest)));
    code.set(sum, constant('c5'));
    for (const coefficient of ['c4', 'c3', 'c2', 'c1', 'c0'] as const) {
      code.set(sum, multiplyAdd(level, get(sum), get(rest), constant(coefficient)));
    }
    code.set(sum, multiplyAdd(level, multiply(get(sum), get(rest)), get(rest), get(rest)));
    return multiply(add(get(sum), constant('one')), shiftLeftAndAdd(get(whole), 23, constant('one')));
  };
}

/** Writes `1 / (1 + e^-x)` of four numbers. */
export function sigmoid(code: FunctionCode, level: Level, side = 0): (x: Value<'v128'>) => Value<'v128'> {
  const power = exponential(code, level, side);
  const one = constants(side)('one');
  return (x) => divide(one, add(power(negate(x)), one));
}

/** Constants in memory, for the first or the second of two vectors. */
export function constants(side: number): (name: Constant) => Value<'v128'> {
  return (name) => loadAt(ADDRESS[name] + side * 16);
}
