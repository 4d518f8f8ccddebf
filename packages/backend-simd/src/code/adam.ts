import { type CompiledFunction, FunctionCode, get } from '../wasm/function-code.ts';
import {
  add,
  divide,
  type Level,
  load,
  loadSplat,
  multiply,
  multiplyAdd,
  squareRoot,
  subtract,
} from '../wasm/vectors.ts';

/**
 * The numbers that `adamStep` reads, in this order, one float32 each: `1 - beta1`, `beta2`, `1 - beta2`, what the root of
 * the squares is multiplied by and what is added to it, and the length of a step with its sign turned.
 */
export const ADAM_CONSTANTS = 6;

/**
 * Writes `adamStep(param, gradient, mean, square, vectors, constants)`: one step of Adam, in place in `param`, `mean` and
 * `square`.
 */
export function adamStep(level: Level): CompiledFunction {
  const code = new FunctionCode();
  const parameter = () => code.parameter('i32');
  const [param, gradient, mean, square] = [parameter(), parameter(), parameter(), parameter()];
  const [vectors, constants] = [parameter(), parameter()];
  const given = Array.from({ length: ADAM_CONSTANTS }, () => code.local('v128'));
  const [slope, average, energy] = [code.local('v128'), code.local('v128'), code.local('v128')];
  const [forget, keepSquare, ofSquare, root, epsilon, size] = given.map((value) => get(value));

  given.forEach((value, index) => code.set(value, loadSplat(constants, index * 4)));
  code.countdown(vectors, 1, () => {
    code.set(slope, load(gradient));
    code.set(average, multiplyAdd(level, forget!, subtract(get(slope), load(mean)), load(mean)));
    code.set(energy, multiply(load(square), keepSquare!));
    code.set(energy, multiplyAdd(level, multiply(ofSquare!, get(slope)), get(slope), get(energy)));
    const length = add(multiply(squareRoot(get(energy)), root!), epsilon!);
    code.store(param, multiplyAdd(level, size!, divide(get(average), length), load(param)));
    code.store(mean, get(average));
    code.store(square, get(energy));
    for (const pointer of [param, gradient, mean, square]) code.advance(pointer, 16);
  });
  return code.finish('adamStep');
}
