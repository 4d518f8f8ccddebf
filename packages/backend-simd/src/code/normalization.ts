import { addInteger, type CompiledFunction, FunctionCode, get, integer } from '../wasm/function-code.ts';
import {
  add,
  addWide,
  divide,
  type Level,
  load,
  loadWide,
  multiplyAdd,
  multiplyWide,
  negate,
  splat,
} from '../wasm/vectors.ts';
import { EXPONENTIAL, exponential } from './exponential.ts';

/**
 * Writes `moments(data, rows, vectors, sums)`: sums and sums of squares down the columns of a table `[rows, 4 * vectors]`,
 * in float64, so that a group's variance does not drown in a large mean. Each four columns give eight float64: four sums,
 * then four sums of squares.
 */
export function moments(): CompiledFunction {
  const code = new FunctionCode();
  const [data, rows, vectors, sums] = [
    code.parameter('i32'),
    code.parameter('i32'),
    code.parameter('i32'),
    code.parameter('i32'),
  ];
  const [row, rest, stride] = [code.local('i32'), code.local('i32'), code.local('i32')];
  const totals = [0, 1].map(() => code.local('v128'));
  const squares = [0, 1].map(() => code.local('v128'));
  const pair = code.local('v128');

  code.set(stride, { bytes: [...get(vectors).bytes, ...integer(4).bytes, 0x74] });
  code.countdown(vectors, 1, () => {
    for (const total of [...totals, ...squares]) code.set(total, splat(0));
    code.set(row, get(data));
    code.set(rest, get(rows));
    code.countdown(rest, 1, () => {
      totals.forEach((total, half) => {
        code.set(pair, loadWide(row, half * 8));
        code.set(total, addWide(get(total), get(pair)));
        code.set(squares[half]!, addWide(get(squares[half]!), multiplyWide(get(pair), get(pair))));
      });
      code.set(row, addInteger(get(row), get(stride)));
    });
    [...totals, ...squares].forEach((total, index) => code.store(sums, get(total), index * 16));
    code.advance(sums, 64);
    code.advance(data, 16);
  });
  return code.finish('moments');
}

/**
 * Writes `scale` or `scaleSilu(data, rows, vectors, gains, shifts)`: `y = x * gain + shift` down the columns of a table
 * `[rows, 4 * vectors]` in place, an even number of vectors, and for `scaleSilu` then `y / (1 + e^-y)`.
 */
export function scale(level: Level, activation: 'none' | 'silu'): CompiledFunction {
  const code = new FunctionCode();
  const [data, rows, vectors, gains, shifts] = [
    code.parameter('i32'),
    code.parameter('i32'),
    code.parameter('i32'),
    code.parameter('i32'),
    code.parameter('i32'),
  ];
  const [rest, gain, shift] = [code.local('i32'), code.local('i32'), code.local('i32')];
  const sides = [0, 1].map((side) => ({ value: code.local('v128'), power: exponential(code, level, side) }));

  code.countdown(rows, 1, () => {
    code.set(gain, get(gains));
    code.set(shift, get(shifts));
    code.set(rest, get(vectors));
    code.countdown(rest, sides.length, () => {
      // The reads of both sides come first, or V8 does not join them.
      sides.forEach(({ value }, side) => {
        const at = side * 16;
        code.set(value, multiplyAdd(level, load(data, at), load(gain, at), load(shift, at)));
      });
      sides.forEach(({ value, power }, side) => {
        if (activation === 'none') return;
        code.set(value, divide(get(value), add(power(negate(get(value))), EXPONENTIAL.read(side)(1))));
      });
      sides.forEach(({ value }, side) => code.store(data, get(value), side * 16));
      for (const pointer of [data, gain, shift]) code.advance(pointer, sides.length * 16);
    });
  });
  return code.finish(activation === 'silu' ? 'scaleSilu' : 'scale');
}
