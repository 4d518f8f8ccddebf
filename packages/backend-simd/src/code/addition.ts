import { type CompiledFunction, FunctionCode } from '../wasm/function-code.ts';
import { add, load } from '../wasm/vectors.ts';

/** Writes `sum(target, a, b, vectors)`: the sum of two arrays; the target may be one of them. */
export function sum(): CompiledFunction {
  const code = new FunctionCode();
  const [target, a, b, vectors] = [
    code.parameter('i32'),
    code.parameter('i32'),
    code.parameter('i32'),
    code.parameter('i32'),
  ];
  code.countdown(vectors, 1, () => {
    code.store(target, add(load(a), load(b)));
    for (const pointer of [target, a, b]) code.advance(pointer, 16);
  });
  return code.finish('sum');
}
