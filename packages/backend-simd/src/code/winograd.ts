import { addInteger, type CompiledFunction, FunctionCode, get, integers, type Local } from '../wasm/function-code.ts';
import { add, type Level, load, subtract } from '../wasm/vectors.ts';
import { factors, four, six, type Transform } from './winograd-transforms.ts';

/** Sizes of Winograd's minimal filtering F(n x n, 3 x 3), which gives `outputs` rows and columns of a patch at once. */
export interface Winograd {
  readonly outputs: 4 | 6;
  /** Rows and columns that a patch reads. */
  readonly inputs: number;
  readonly products: number;
}

/** Rows and columns of the kernel. */
export const WINOGRAD_TAPS = 3;

/**
 * Winograd's minimal filtering (Lavin and Gray 2016, arXiv:1509.09308): 36 products give 4x4 outputs of a 3x3 kernel, a
 * quarter of 144; 64 give 6x6, a fifth of 324, with about twice the rounding error. A patch `d` becomes `B' d B`, a kernel
 * `g` becomes `G g G'`, and the outputs are `A' (product) A`. Turned around, the kernel's gradient is `G' (product) G` of
 * products with `A dy A'`. All work on whole vectors of channels.
 */
export const F4: Winograd = { outputs: 4, inputs: 6, products: 36 };
/** The larger of both; see {@link F4}. */
export const F6: Winograd = { outputs: 6, inputs: 8, products: 64 };

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

const PLANS: readonly Plan[] = [
  ...(
    [
      [F4, four],
      [F6, six],
    ] as const
  ).flatMap(([{ inputs, outputs }, { input, weights, output }]): Plan[] => {
    const read: Plan = { name: `winogradInput${outputs}`, transform: input, inputs, outputs: inputs, last: 'skip' };
    return [
      read,
      { ...read, name: `winogradInputSum${outputs}`, other: 'added' },
      { ...read, name: `winogradInputDifference${outputs}`, other: 'subtracted' },
      { name: `winogradWeights${outputs}`, transform: weights, inputs: WINOGRAD_TAPS, outputs: inputs },
      { name: `winogradOutput${outputs}`, transform: output, inputs, outputs, last: 'bias' },
    ];
  }),
  { name: 'winogradGradient4', transform: four.gradient, inputs: F4.outputs, outputs: F4.inputs },
  { name: 'winogradFilter4', transform: four.filter, inputs: F4.inputs, outputs: WINOGRAD_TAPS },
];

/**
 * Writes `winogradInput4`, `winogradWeights4`, `winogradOutput4`, `winogradGradient4` and `winogradFilter4(source, sourceRow,
 * sourcePixel, vectors, target, targetRow, targetPixel, last)`, and the first three with `6` for patches of 6x6: each reads a
 * square of vectors whose rows and columns lie so many bytes apart, and writes one; then the same for the next channels,
 * `vectors` times (an even number where vectors are joined). The last parameter is the bias of the outputs; for the inputs,
 * bytes that the target leaves out after each step; the others do not read it. `winogradInputSum4` and
 * `winogradInputDifference4`, and those of `6`, take one parameter more, the distance in bytes of a second square that is
 * added to the first, or subtracted from it.
 */
export function winograd(level: Level): CompiledFunction[] {
  return PLANS.map((plan) => writeTransform(level, plan));
}

function writeTransform(level: Level, { name, transform, inputs, outputs, last, other }: Plan): CompiledFunction {
  const code = new FunctionCode();
  const [source, sourceRow, sourcePixel, vectors] = integers(code, 4, 'parameter');
  const [target, targetRow, targetPixel, extra] = integers(code, 4, 'parameter');
  const distance = other && code.parameter('i32');
  const [line, pointer, second] = integers(code, 3, 'local');
  // Side by side, two vectors are one of 256 bits to an engine that joins them.
  const sides = Array.from({ length: level === 'wide' ? 2 : 1 }, (_, side) => ({
    scale: factors(level, side),
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
      for (const { scale, half, from, to } of sides) {
        transform(code, scale, from, to);
        to.forEach((value, column) => code.set(half[row * outputs + column]!, get(value)));
      }
      code.set(line!, addInteger(get(line!), get(sourceRow!)));
    }
    for (let column = 0; column < outputs; column++) {
      sides.forEach(({ scale, half, from, to }, side) => {
        from.forEach((value, row) => code.set(value, get(half[row * outputs + column]!)));
        transform(code, scale, from, to);
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
