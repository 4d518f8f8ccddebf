import { type CompiledFunction, FunctionCode, get, type Local, type Value } from '../wasm/function-code.ts';
import {
  absolute,
  add,
  divide,
  greater,
  type Level,
  load,
  maximum,
  minimum,
  multiply,
  multiplyAdd,
  negate,
  select,
  splat,
  splatLocal,
  squareRoot,
  subtract,
  unequal,
} from '../wasm/vectors.ts';
import { sigmoid } from './exponential.ts';

type Vector = Value<'v128'>;

/** Ops of two numbers, by the names that TensorFlow.js has for them. */
export const BINARY_OPS = ['Add', 'Maximum', 'Minimum', 'Multiply', 'RealDiv', 'SquaredDifference', 'Sub'] as const;

/** Ops of one number, and for some a parameter `alpha`. */
export const UNARY_OPS = ['Abs', 'LeakyRelu', 'Neg', 'Relu', 'Rsqrt', 'Sigmoid', 'Sqrt', 'Square', 'Step'] as const;

/** Name of an op on each number of a tensor. */
export type ElementwiseOp = (typeof BINARY_OPS)[number] | (typeof UNARY_OPS)[number];

const BINARY: Record<(typeof BINARY_OPS)[number], (a: Vector, b: Vector) => Vector> = {
  Add: add,
  Maximum: maximum,
  Minimum: minimum,
  Multiply: multiply,
  RealDiv: divide,
  SquaredDifference: (a, b) => multiply(subtract(a, b), subtract(a, b)),
  Sub: subtract,
};

interface Context {
  readonly code: FunctionCode;
  readonly level: Level;
  readonly alpha: Vector;
}

const UNARY: Record<(typeof UNARY_OPS)[number], (context: Context) => (x: Local<'v128'>) => Vector> = {
  Abs: () => (x) => absolute(get(x)),
  LeakyRelu:
    ({ level, alpha }) =>
    (x) =>
      multiplyAdd(level, alpha, minimum(get(x), splat(0)), maximum(get(x), splat(0))),
  Neg: () => (x) => negate(get(x)),
  Relu: () => (x) => maximum(get(x), splat(0)),
  Rsqrt: () => (x) => divide(splat(1), squareRoot(get(x))),
  Sigmoid: ({ code, level }) => {
    const value = sigmoid(code, level);
    return (x) => value(get(x));
  },
  Sqrt: () => (x) => squareRoot(get(x)),
  Square: () => (x) => multiply(get(x), get(x)),
  // What is no number stays none.
  Step:
    ({ alpha }) =>
    (x) =>
      select(get(x), select(splat(1), alpha, greater(get(x), splat(0))), unequal(get(x), get(x))),
};

/**
 * Writes one function for each op, of its name: `(a, b, y, vectors, alpha)`, numbers at addresses `a` and `b` to `y`, which
 * may be one of them. Those of one number read `a` alone.
 */
export function elementwise(level: Level): CompiledFunction[] {
  const pairs = BINARY_OPS.map((name) => write(name, () => (a, b) => BINARY[name](load(a), load(b))));
  const single = UNARY_OPS.map((name) =>
    write(name, (code, alpha) => {
      const x = code.local('v128');
      const op = UNARY[name]({ code, level, alpha });
      return (a) => {
        code.set(x, load(a));
        return op(x);
      };
    }),
  );
  return [...pairs, ...single];
}

type Op = (a: Local<'i32'>, b: Local<'i32'>) => Vector;

function write(name: ElementwiseOp, op: (code: FunctionCode, alpha: Vector) => Op): CompiledFunction {
  const code = new FunctionCode();
  const parameter = () => code.parameter('i32');
  const [a, b, y, vectors] = [parameter(), parameter(), parameter(), parameter()];
  const value = op(code, splatLocal(code.parameter('f32')));
  code.countdown(vectors, 1, () => {
    code.store(y, value(a, b));
    for (const pointer of [a, b, y]) code.advance(pointer, 16);
  });
  return code.finish(name);
}
