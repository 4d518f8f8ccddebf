import {
  addInteger,
  type CompiledFunction,
  FunctionCode,
  get,
  integers,
  type Local,
  type Value,
} from '../wasm/function-code.ts';
import { add, type Level, load, multiply, multiplyAdd, splat, subtract } from '../wasm/vectors.ts';

/**
 * Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray 2016, arXiv:1509.09308): 36 products give 4x4 outputs of a 3x3
 * kernel, a quarter of 144. A patch `d` of 6x6 pixels becomes `B' d B`, a kernel `g` becomes `G g G'`, and the outputs are
 * `A' (product) A`, with the interpolation points 0, 1, -1, 2, -2 and infinity. Turned around, the kernel's gradient is
 * `G' (product) G` of products with `A dy A'`. All work on whole vectors of channels.
 */
export const WINOGRAD = { outputs: 4, weights: 3, inputs: 6, products: 36 } as const;

type Vector = Value<'v128'>;

/**
 * Six numbers along one axis to six (`B'`), three to six (`G`), six to four (`A'`), four to six (`A`), six to three (`G'`);
 * results may use the locals given.
 */
type Transform = (
  code: FunctionCode,
  level: Level,
  from: readonly Local<'v128'>[],
  to: readonly Local<'v128'>[],
) => void;

const times = (level: Level, factor: number, x: Local<'v128'>, sum: Vector): Vector =>
  multiplyAdd(level, splat(factor), get(x), sum);

const transformInput: Transform = (code, level, [d0, d1, d2, d3, d4, d5], [e0, e1, e2, e3, e4, e5]) => {
  code.set(e0!, times(level, 4, d0!, times(level, -5, d2!, get(d4!))));
  code.set(e5!, times(level, 4, d1!, times(level, -5, d3!, get(d5!))));
  code.set(e1!, times(level, -4, d2!, get(d4!)));
  code.set(e3!, times(level, -4, d1!, get(d3!)));
  code.set(e2!, subtract(get(e1!), get(e3!)));
  code.set(e1!, add(get(e1!), get(e3!)));
  code.set(e3!, subtract(get(d4!), get(d2!)));
  code.set(e4!, subtract(get(d3!), get(d1!)));
  code.set(e4!, add(get(e4!), get(e4!)));
  code.set(d0!, get(e3!));
  code.set(e3!, add(get(d0!), get(e4!)));
  code.set(e4!, subtract(get(d0!), get(e4!)));
};

const transformWeights: Transform = (code, level, [g0, g1, g2], [e0, e1, e2, e3, e4, e5]) => {
  code.set(e0!, multiply(get(g0!), splat(1 / 4)));
  code.set(e5!, get(g2!));
  code.set(e1!, multiply(add(get(g0!), get(g2!)), splat(-1 / 6)));
  code.set(e2!, times(level, 1 / 6, g1!, get(e1!)));
  code.set(e1!, times(level, -1 / 6, g1!, get(e1!)));
  code.set(e3!, times(level, 1 / 24, g0!, multiply(get(g2!), splat(1 / 6))));
  code.set(e4!, times(level, -1 / 12, g1!, get(e3!)));
  code.set(e3!, times(level, 1 / 12, g1!, get(e3!)));
};

const transformOutput: Transform = (code, level, [m0, m1, m2, m3, m4, m5], [y0, y1, y2, y3]) => {
  code.set(y0!, subtract(get(m1!), get(m2!)));
  code.set(m1!, add(get(m1!), get(m2!)));
  code.set(m2!, subtract(get(m3!), get(m4!)));
  code.set(m3!, add(get(m3!), get(m4!)));
  code.set(y1!, times(level, 2, m2!, get(y0!)));
  code.set(y3!, add(times(level, 8, m2!, get(y0!)), get(m5!)));
  code.set(y2!, times(level, 4, m3!, get(m1!)));
  code.set(y0!, add(get(m0!), add(get(m1!), get(m3!))));
};

const transformGradient: Transform = (code, level, [d0, d1, d2, d3], [e0, e1, e2, e3, e4, e5]) => {
  code.set(e0!, get(d0!));
  code.set(e5!, get(d3!));
  code.set(e2!, add(get(d0!), get(d2!)));
  code.set(e4!, times(level, 4, d2!, get(d0!)));
  code.set(e3!, add(get(d1!), get(d3!)));
  code.set(e1!, add(get(e2!), get(e3!)));
  code.set(e2!, subtract(get(e2!), get(e3!)));
  code.set(d0!, multiply(times(level, 4, d3!, get(d1!)), splat(2)));
  code.set(e3!, add(get(e4!), get(d0!)));
  code.set(e4!, subtract(get(e4!), get(d0!)));
};

const transformFilter: Transform = (code, level, [s0, s1, s2, s3, s4, s5], [g0, g1, g2]) => {
  code.set(g1!, subtract(get(s2!), get(s1!)));
  code.set(s1!, add(get(s1!), get(s2!)));
  code.set(s2!, subtract(get(s3!), get(s4!)));
  code.set(s3!, add(get(s3!), get(s4!)));
  code.set(g1!, times(level, 1 / 12, s2!, multiply(get(g1!), splat(1 / 6))));
  code.set(s1!, multiply(get(s1!), splat(-1 / 6)));
  code.set(g0!, times(level, 1 / 4, s0!, times(level, 1 / 24, s3!, get(s1!))));
  code.set(g2!, add(times(level, 1 / 6, s3!, get(s1!)), get(s5!)));
};

/** A two-dimensional transform: the same along both axes, over vectors of channels. */
interface Plan {
  readonly name: string;
  readonly transform: Transform;
  readonly inputs: number;
  readonly outputs: number;
  /** What the last parameter is. */
  readonly last?: 'bias' | 'skip';
  /** What happens to a second square before the transform, where there is one. */
  readonly other?: 'added' | 'subtracted';
}

const INPUT: Plan = { name: 'winogradInput', transform: transformInput, inputs: 6, outputs: 6, last: 'skip' };
const INPUT_SUM: Plan = { ...INPUT, name: 'winogradInputSum', other: 'added' };
const INPUT_DIFFERENCE: Plan = { ...INPUT, name: 'winogradInputDifference', other: 'subtracted' };
const WEIGHTS: Plan = { name: 'winogradWeights', transform: transformWeights, inputs: 3, outputs: 6 };
const GRADIENT: Plan = { name: 'winogradGradient', transform: transformGradient, inputs: 4, outputs: 6 };
const FILTER: Plan = { name: 'winogradFilter', transform: transformFilter, inputs: 6, outputs: 3 };
const OUTPUT: Plan = { name: 'winogradOutput', transform: transformOutput, inputs: 6, outputs: 4, last: 'bias' };

/**
 * Writes `winogradInput`, `winogradWeights`, `winogradGradient`, `winogradFilter` and `winogradOutput(source, sourceRow, sourcePixel, vectors, target, targetRow,
 * targetPixel, bias)`: each reads a square of vectors whose rows and columns lie so many bytes apart, and writes one; then
 * the same for the next channels, `vectors` times (an even number where vectors are joined). The last parameter is the bias
 * of `winogradOutput`; for `winogradInput`, bytes that its target leaves out after each step; the others do not read it.
 * `winogradInputSum` and `winogradInputDifference` take one parameter more, the distance in bytes of a second square that is
 * added to the first, or subtracted from it.
 */
export function winograd(level: Level): CompiledFunction[] {
  return [INPUT, INPUT_SUM, INPUT_DIFFERENCE, WEIGHTS, GRADIENT, FILTER, OUTPUT].map((plan) =>
    writeTransform(level, plan),
  );
}

function writeTransform(level: Level, { name, transform, inputs, outputs, last, other }: Plan): CompiledFunction {
  const code = new FunctionCode();
  const [source, sourceRow, sourcePixel, vectors] = integers(code, 4, 'parameter');
  const [target, targetRow, targetPixel, extra] = integers(code, 4, 'parameter');
  const distance = other && code.parameter('i32');
  const [line, pointer, second] = integers(code, 3, 'local');
  // Side by side, two vectors are one of 256 bits to an engine that joins them.
  const sides = Array.from({ length: level === 'wide' ? 2 : 1 }, () => ({
    half: vectorsOf(code, outputs * inputs),
    from: vectorsOf(code, inputs),
    to: vectorsOf(code, outputs),
  }));

  code.countdown(vectors!, sides.length, () => {
    code.set(line!, get(source!));
    for (let row = 0; row < inputs; row++) {
      code.set(pointer!, get(line!));
      for (let column = 0; column < inputs; column++) {
        sides.forEach(({ from }, side) => code.set(from[column]!, load(pointer!, side * 16)));
        if (distance) {
          code.set(second!, addInteger(get(pointer!), get(distance)));
          const join = other === 'added' ? add : subtract;
          sides.forEach(({ from }, side) => {
            code.set(from[column]!, join(get(from[column]!), load(second!, side * 16)));
          });
        }
        code.set(pointer!, addInteger(get(pointer!), get(sourcePixel!)));
      }
      for (const { half, from, to } of sides) {
        transform(code, level, from, to);
        to.forEach((value, column) => code.set(half[row * outputs + column]!, get(value)));
      }
      code.set(line!, addInteger(get(line!), get(sourceRow!)));
    }
    for (let column = 0; column < outputs; column++) {
      sides.forEach(({ half, from, to }, side) => {
        from.forEach((value, row) => code.set(value, get(half[row * outputs + column]!)));
        transform(code, level, from, to);
        if (last === 'bias') for (const value of to) code.set(value, add(get(value), load(extra!, side * 16)));
      });
      code.set(pointer!, get(target!));
      for (let skipped = 0; skipped < column; skipped++) code.advance(pointer!, get(targetPixel!));
      for (let row = 0; row < outputs; row++) {
        sides.forEach(({ to }, side) => code.store(pointer!, get(to[row]!), side * 16));
        code.set(pointer!, addInteger(get(pointer!), get(targetRow!)));
      }
    }
    const step = sides.length * 16;
    for (const moved of last === 'bias' ? [source!, target!, extra!] : [source!, target!]) code.advance(moved, step);
    if (last === 'skip') code.advance(target!, get(extra!));
  });
  return code.finish(name);
}

function vectorsOf(code: FunctionCode, count: number): Local<'v128'>[] {
  return Array.from({ length: count }, () => code.local('v128'));
}
