import { addInteger, type CompiledFunction, FunctionCode, get, type Local, type Value } from '../wasm/function-code.ts';
import { add, type Level, load, multiply, multiplyAdd, splat, subtract } from '../wasm/vectors.ts';
import { EXPONENTIAL, sigmoid } from './exponential.ts';

/**
 * What the gradient of a norm reads for each eight channels, in this order, two vectors each: deviation and shift that give
 * the normed value `n = x * deviation + shift`, the norm's scale and bias, and then the factors of `dz`, of `n`, and a
 * constant, whose sum is the gradient of `x`.
 */
export const NORM_COEFFICIENTS = ['deviation', 'shift', 'scale', 'bias', 'ofGradient', 'ofNormed', 'constant'] as const;

type Coefficient = (typeof NORM_COEFFICIENTS)[number];

const BYTES = NORM_COEFFICIENTS.length * 32;

type Activation = 'none' | 'silu';

/** Locals of one of two vectors that are computed side by side, and what sets them. */
interface Side {
  /** `n`. */
  readonly normed: Local<'v128'>;
  /** `dy`, then `dz`, the gradient of `z = n * scale + bias` before the activation. */
  readonly gradient: Local<'v128'>;
  /** Address of this side's vectors within two. */
  readonly at: number;
  coefficient(name: Coefficient): Value<'v128'>;
  /** Reads everything; where this does not come first for both sides, V8 does not join them. */
  read(x: Local<'i32'>, dy: Local<'i32'>): void;
  /** Takes the gradient back through the activation. */
  deactivate(): void;
}

function twoSides(code: FunctionCode, level: Level, activation: Activation, coefficients: Local<'i32'>): Side[] {
  return [0, 1].map((side) => {
    const at = side * 16;
    const [normed, gradient] = [code.local('v128'), code.local('v128')];
    const [z, share] = [code.local('v128'), code.local('v128')];
    const activated = sigmoid(code, level, side);
    const coefficient = (name: Coefficient) => load(coefficients, NORM_COEFFICIENTS.indexOf(name) * 32 + at);
    const read = (x: Local<'i32'>, dy: Local<'i32'>) => {
      code.set(normed, multiplyAdd(level, load(x, at), coefficient('deviation'), coefficient('shift')));
      code.set(gradient, load(dy, at));
      if (activation === 'silu') {
        code.set(z, multiplyAdd(level, get(normed), coefficient('scale'), coefficient('bias')));
      }
    };
    const deactivate = () => {
      if (activation === 'none') return;
      code.set(share, activated(get(z)));
      // silu' = s + z s (1 - s)
      const rest = subtract(EXPONENTIAL.read(side)(1), get(share));
      code.set(share, multiplyAdd(level, multiply(get(z), get(share)), rest, get(share)));
      code.set(gradient, multiply(get(gradient), get(share)));
    };
    return { normed, gradient, at, coefficient, read, deactivate };
  });
}

/**
 * Writes `normSums` or `siluNormSums(x, dy, rows, vectors, coefficients, sums)`: down the columns of two tables
 * `[rows, 4 * vectors]`, an even number of vectors, the sums of `dz` and of `dz * n`: for each eight columns eight sums of
 * the first, then eight of the second.
 */
export function normSums(level: Level, activation: Activation): CompiledFunction {
  const code = new FunctionCode();
  const parameter = () => code.parameter('i32');
  const [x, dy, rows, vectors] = [parameter(), parameter(), parameter(), parameter()];
  const [coefficients, sums] = [parameter(), parameter()];
  const [rest, stride, fromX, fromDy] = [code.local('i32'), code.local('i32'), code.local('i32'), code.local('i32')];
  const sides = twoSides(code, level, activation, coefficients);
  const totals = sides.map(() => ({ total: code.local('v128'), product: code.local('v128') }));

  code.set(stride, multiplyInteger(vectors, 16));
  code.countdown(vectors, sides.length, () => {
    for (const { total, product } of totals) {
      code.set(total, splat(0));
      code.set(product, splat(0));
    }
    code.set(fromX, get(x));
    code.set(fromDy, get(dy));
    code.set(rest, get(rows));
    code.countdown(rest, 1, () => {
      for (const { read } of sides) read(fromX, fromDy);
      sides.forEach(({ normed, gradient, deactivate }, side) => {
        const { total, product } = totals[side]!;
        deactivate();
        code.set(total, add(get(total), get(gradient)));
        code.set(product, multiplyAdd(level, get(gradient), get(normed), get(product)));
      });
      for (const pointer of [fromX, fromDy]) code.set(pointer, addInteger(get(pointer), get(stride)));
    });
    sides.forEach(({ at }, side) => code.store(sums, get(totals[side]!.total), at));
    sides.forEach(({ at }, side) => code.store(sums, get(totals[side]!.product), 32 + at));
    code.advance(sums, 64);
    code.advance(coefficients, BYTES);
    for (const pointer of [x, dy]) code.advance(pointer, 32);
  });
  return code.finish(activation === 'silu' ? 'siluNormSums' : 'normSums');
}

/**
 * Writes `normGradient` or `siluNormGradient(x, dy, rows, vectors, coefficients)`: the gradient of `x`, a table
 * `[rows, 4 * vectors]`, an even number of vectors, in the place of `dy`.
 */
export function normGradient(level: Level, activation: Activation): CompiledFunction {
  const code = new FunctionCode();
  const parameter = () => code.parameter('i32');
  const [x, dy, rows, vectors, coefficients] = [parameter(), parameter(), parameter(), parameter(), parameter()];
  const [rest, at] = [code.local('i32'), code.local('i32')];
  const sides = twoSides(code, level, activation, at);

  code.countdown(rows, 1, () => {
    code.set(at, get(coefficients));
    code.set(rest, get(vectors));
    code.countdown(rest, sides.length, () => {
      for (const { read } of sides) read(x, dy);
      for (const { normed, gradient, coefficient } of sides) {
        code.set(normed, multiplyAdd(level, get(normed), coefficient('ofNormed'), coefficient('constant')));
        code.set(gradient, multiply(get(gradient), coefficient('ofGradient')));
      }
      for (const { deactivate } of sides) deactivate();
      for (const { normed, gradient, at: to } of sides) code.store(dy, add(get(gradient), get(normed)), to);
      for (const pointer of [x, dy]) code.advance(pointer, 32);
      code.advance(at, BYTES);
    });
  });
  return code.finish(activation === 'silu' ? 'siluNormGradient' : 'normGradient');
}

function multiplyInteger(value: Local<'i32'>, factor: number): Value<'i32'> {
  return { bytes: [...get(value).bytes, 0x41, factor, 0x6c] };
}
