import { addInteger, type CompiledFunction, FunctionCode, get, type Local, type Value } from '../wasm/function-code.ts';
import { add, divide, type Level, load, multiply, multiplyAdd, negate, splat, subtract } from '../wasm/vectors.ts';
import { exponential } from './exponential.ts';

/**
 * What the gradient of a norm reads for each four channels, in this order, one vector each: deviation and shift that give
 * the normed value `n = x * deviation + shift`, the norm's scale and bias, and then the factors of `dz`, of `n`, and a
 * constant, whose sum is the gradient of `x`.
 */
export const NORM_COEFFICIENTS = ['deviation', 'shift', 'scale', 'bias', 'ofGradient', 'ofNormed', 'constant'] as const;

const AT = { deviation: 0, shift: 16, scale: 32, bias: 48, ofGradient: 64, ofNormed: 80, constant: 96 } as const;
const BYTES = NORM_COEFFICIENTS.length * 16;

type Activation = 'none' | 'silu';

/** Writes what sets `normed` to `n` and `gradient` to `dz`, the gradient of `z = n * scale + bias` before the activation. */
function gradientBefore(code: FunctionCode, level: Level, activation: Activation) {
  const [normed, gradient] = [code.local('v128'), code.local('v128')];
  const [z, sigmoid] = [code.local('v128'), code.local('v128')];
  const power = exponential(code, level);
  const write = (x: Value<'v128'>, dy: Value<'v128'>, coefficients: Local<'i32'>) => {
    code.set(normed, multiplyAdd(level, x, load(coefficients, AT.deviation), load(coefficients, AT.shift)));
    if (activation === 'none') {
      code.set(gradient, dy);
      return;
    }
    code.set(z, multiplyAdd(level, get(normed), load(coefficients, AT.scale), load(coefficients, AT.bias)));
    const opposite = power(negate(get(z)));
    code.set(sigmoid, divide(splat(1), add(opposite, splat(1))));
    // silu' = s + z s (1 - s)
    const slope = multiplyAdd(level, multiply(get(z), get(sigmoid)), subtract(splat(1), get(sigmoid)), get(sigmoid));
    code.set(gradient, multiply(dy, slope));
  };
  return { normed, gradient, write };
}

/**
 * Writes `normSums` or `siluNormSums(x, dy, rows, vectors, coefficients, sums)`: down the columns of two tables
 * `[rows, 4 * vectors]` the sums of `dz` and of `dz * n`, eight numbers for each four columns.
 */
export function normSums(level: Level, activation: Activation): CompiledFunction {
  const code = new FunctionCode();
  const parameter = () => code.parameter('i32');
  const [x, dy, rows, vectors] = [parameter(), parameter(), parameter(), parameter()];
  const [coefficients, sums] = [parameter(), parameter()];
  const [rest, stride, fromX, fromDy] = [code.local('i32'), code.local('i32'), code.local('i32'), code.local('i32')];
  const [total, product] = [code.local('v128'), code.local('v128')];
  const { normed, gradient, write } = gradientBefore(code, level, activation);

  code.set(stride, multiplyInteger(vectors, 16));
  code.countdown(vectors, 1, () => {
    code.set(total, splat(0));
    code.set(product, splat(0));
    code.set(fromX, get(x));
    code.set(fromDy, get(dy));
    code.set(rest, get(rows));
    code.countdown(rest, 1, () => {
      write(load(fromX), load(fromDy), coefficients);
      code.set(total, add(get(total), get(gradient)));
      code.set(product, multiplyAdd(level, get(gradient), get(normed), get(product)));
      for (const pointer of [fromX, fromDy]) code.set(pointer, addInteger(get(pointer), get(stride)));
    });
    code.store(sums, get(total));
    code.store(sums, get(product), 16);
    code.advance(sums, 32);
    code.advance(coefficients, BYTES);
    for (const pointer of [x, dy]) code.advance(pointer, 16);
  });
  return code.finish(activation === 'silu' ? 'siluNormSums' : 'normSums');
}

/**
 * Writes `normGradient` or `siluNormGradient(x, dy, rows, vectors, coefficients)`: the gradient of `x`, a table
 * `[rows, 4 * vectors]`, in the place of `dy`.
 */
export function normGradient(level: Level, activation: Activation): CompiledFunction {
  const code = new FunctionCode();
  const parameter = () => code.parameter('i32');
  const [x, dy, rows, vectors, coefficients] = [parameter(), parameter(), parameter(), parameter(), parameter()];
  const [rest, at] = [code.local('i32'), code.local('i32')];
  const sum = code.local('v128');
  const { normed, gradient, write } = gradientBefore(code, level, activation);

  code.countdown(rows, 1, () => {
    code.set(at, get(coefficients));
    code.set(rest, get(vectors));
    code.countdown(rest, 1, () => {
      write(load(x), load(dy), at);
      code.set(sum, multiplyAdd(level, get(normed), load(at, AT.ofNormed), load(at, AT.constant)));
      code.store(dy, multiplyAdd(level, get(gradient), load(at, AT.ofGradient), get(sum)));
      for (const pointer of [x, dy]) code.advance(pointer, 16);
      code.advance(at, BYTES);
    });
  });
  return code.finish(activation === 'silu' ? 'siluNormGradient' : 'normGradient');
}

function multiplyInteger(value: Local<'i32'>, factor: number): Value<'i32'> {
  return { bytes: [...get(value).bytes, 0x41, factor, 0x6c] };
}
