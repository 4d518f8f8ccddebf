import { type CompiledFunction, FunctionCode, get } from '../wasm/function-code.ts';
import { add, type Level, load, maximum, splat, splatLocal, subtract } from '../wasm/vectors.ts';
import { exponential } from './exponential.ts';

/** Writes `largest(data, vectors, result)`: the largest number of every fourth column, four numbers. */
export function largest(): CompiledFunction {
  const code = new FunctionCode();
  const [data, vectors, result] = [code.parameter('i32'), code.parameter('i32'), code.parameter('i32')];
  const most = code.local('v128');
  code.set(most, load(data));
  code.countdown(vectors, 1, () => {
    code.set(most, maximum(get(most), load(data)));
    code.advance(data, 16);
  });
  code.store(result, get(most));
  return code.finish('largest');
}

/** Writes `exponentials(data, vectors, shift, result)`: `e^(x - shift)` in place, and the sums of every fourth of them. */
export function exponentials(level: Level): CompiledFunction {
  const code = new FunctionCode();
  const [data, vectors, shift, result] = [
    code.parameter('i32'),
    code.parameter('i32'),
    code.parameter('f32'),
    code.parameter('i32'),
  ];
  const [sum, value] = [code.local('v128'), code.local('v128')];
  const power = exponential(code, level);
  code.set(sum, splat(0));
  code.countdown(vectors, 1, () => {
    code.set(value, power(subtract(load(data), splatLocal(shift))));
    code.store(data, get(value));
    code.set(sum, add(get(sum), get(value)));
    code.advance(data, 16);
  });
  code.store(result, get(sum));
  return code.finish('exponentials');
}
