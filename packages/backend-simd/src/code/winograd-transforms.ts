import { type FunctionCode, get, type Local, type Value } from '../wasm/function-code.ts';
import { add, type Level, multiply, multiplyAdd, subtract } from '../wasm/vectors.ts';
import { constantTable } from './constants.ts';
import { EXPONENTIAL } from './exponential.ts';

type Vector = Value<'v128'>;
type Vectors = readonly Local<'v128'>[];

/** Factors of the transforms, of F(4, 3) and those that F(6, 3) has beside them. */
const FOUR = [4, -4, -5, 2, 8, 1 / 4, 1 / 6, -1 / 6, 1 / 12, -1 / 12, 1 / 24];
const SIX = [5.25, -4.25, -1.25, -2.5, 1 / 2, 1 / 8, 1 / 16, 1 / 32, 16, 32];
const SIX_OF_WEIGHTS = [-2 / 9, 1 / 90, 1 / 45, 2 / 45, 8 / 45, 16 / 45, 32 / 45];

/** The factors, in scratch. */
export const WINOGRAD = constantTable(EXPONENTIAL.end, [...FOUR, ...SIX, ...SIX_OF_WEIGHTS]);

/** Products with factors, for one of two vectors that an engine may join. */
export interface Factors {
  /** `factor * x`. */
  scaled(factor: number, x: Vector): Vector;
  /** `factor * x + sum`. */
  times(factor: number, x: Local<'v128'>, sum: Vector): Vector;
}

/** Products for a level of instructions; `side` is 1 for the second of two vectors. */
export function factors(level: Level, side: number): Factors {
  const constant = WINOGRAD.read(side);
  return {
    scaled: (factor, x) => multiply(x, constant(factor)),
    times: (factor, x, sum) => multiplyAdd(level, get(x), constant(factor), sum),
  };
}

/** So many numbers along one axis to so many others; results may use the locals given. */
export type Transform = (code: FunctionCode, factors: Factors, from: Vectors, to: Vectors) => void;

/** `one + other` and `one - other`, in the place of both; `spare` is written. */
function addAndSubtract(code: FunctionCode, one: Local<'v128'>, other: Local<'v128'>, spare: Local<'v128'>): void {
  code.set(spare, get(one));
  code.set(one, add(get(spare), get(other)));
  code.set(other, subtract(get(spare), get(other)));
}

/** F(4, 3), by the points 0, 1, -1, 2, -2 and infinity: `B'`, `G`, `A'`, and for the kernel's gradient `A` and `G'`. */
export const four = {
  input: (code, { times }, [d0, d1, d2, d3, d4, d5], [e0, e1, e2, e3, e4, e5]) => {
    code.set(e0!, times(4, d0!, times(-5, d2!, get(d4!))));
    code.set(e5!, times(4, d1!, times(-5, d3!, get(d5!))));
    code.set(e1!, times(-4, d2!, get(d4!)));
    code.set(e2!, times(-4, d1!, get(d3!)));
    addAndSubtract(code, e1!, e2!, d0!);
    code.set(e3!, subtract(get(d4!), get(d2!)));
    code.set(e4!, subtract(get(d3!), get(d1!)));
    code.set(e4!, add(get(e4!), get(e4!)));
    addAndSubtract(code, e3!, e4!, d0!);
  },
  weights: (code, { times, scaled }, [g0, g1, g2], [e0, e1, e2, e3, e4, e5]) => {
    code.set(e0!, scaled(1 / 4, get(g0!)));
    code.set(e5!, get(g2!));
    code.set(e1!, scaled(-1 / 6, add(get(g0!), get(g2!))));
    code.set(e2!, times(1 / 6, g1!, get(e1!)));
    code.set(e1!, times(-1 / 6, g1!, get(e1!)));
    code.set(e3!, times(1 / 24, g0!, scaled(1 / 6, get(g2!))));
    code.set(e4!, times(-1 / 12, g1!, get(e3!)));
    code.set(e3!, times(1 / 12, g1!, get(e3!)));
  },
  output: (code, { times }, [m0, m1, m2, m3, m4, m5], [y0, y1, y2, y3]) => {
    addAndSubtract(code, m1!, m2!, y0!);
    addAndSubtract(code, m3!, m4!, y0!);
    code.set(y0!, add(get(m0!), add(get(m1!), get(m3!))));
    code.set(y1!, times(2, m4!, get(m2!)));
    code.set(y2!, times(4, m3!, get(m1!)));
    code.set(y3!, add(times(8, m4!, get(m2!)), get(m5!)));
  },
  gradient: (code, { times, scaled }, [d0, d1, d2, d3], [e0, e1, e2, e3, e4, e5]) => {
    code.set(e0!, get(d0!));
    code.set(e5!, get(d3!));
    code.set(e1!, add(get(d0!), get(d2!)));
    code.set(e2!, add(get(d1!), get(d3!)));
    code.set(e3!, times(4, d2!, get(d0!)));
    code.set(e4!, scaled(2, times(4, d3!, get(d1!))));
    addAndSubtract(code, e1!, e2!, d0!);
    addAndSubtract(code, e3!, e4!, d0!);
  },
  filter: (code, { times, scaled }, [s0, s1, s2, s3, s4, s5], [g0, g1, g2]) => {
    addAndSubtract(code, s1!, s2!, g0!);
    addAndSubtract(code, s3!, s4!, g0!);
    code.set(g1!, times(1 / 12, s4!, scaled(-1 / 6, get(s2!))));
    code.set(s1!, scaled(-1 / 6, get(s1!)));
    code.set(g0!, times(1 / 4, s0!, times(1 / 24, s3!, get(s1!))));
    code.set(g2!, add(times(1 / 6, s3!, get(s1!)), get(s5!)));
  },
} as const satisfies Readonly<Record<string, Transform>>;

/** F(6, 3), by the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity: `B'`, `G` and `A'`. */
export const six = {
  input: (code, { times, scaled }, [d0, d1, d2, d3, d4, d5, d6, d7], [e0, e1, e2, e3, e4, e5, e6, e7]) => {
    code.set(e0!, subtract(get(d4!), get(d2!)));
    code.set(e0!, times(5.25, e0!, subtract(get(d0!), get(d6!))));
    code.set(e7!, subtract(get(d3!), get(d5!)));
    code.set(e7!, times(5.25, e7!, subtract(get(d7!), get(d1!))));
    code.set(e1!, times(-4.25, d4!, add(get(d2!), get(d6!))));
    code.set(e2!, times(-4.25, d3!, add(get(d1!), get(d5!))));
    code.set(e3!, times(1 / 4, d2!, times(-1.25, d4!, get(d6!))));
    code.set(e4!, times(1 / 2, d1!, times(-2.5, d3!, scaled(2, get(d5!)))));
    code.set(e5!, times(4, d2!, times(-5, d4!, get(d6!))));
    code.set(e6!, times(2, d1!, times(-2.5, d3!, scaled(1 / 2, get(d5!)))));
    addAndSubtract(code, e1!, e2!, d0!);
    addAndSubtract(code, e3!, e4!, d0!);
    addAndSubtract(code, e5!, e6!, d0!);
  },
  weights: (code, { times, scaled }, [g0, g1, g2], [e0, e1, e2, e3, e4, e5, e6, e7]) => {
    code.set(e0!, get(g0!));
    code.set(e7!, get(g2!));
    code.set(e1!, scaled(-2 / 9, add(get(g0!), get(g2!))));
    code.set(e2!, scaled(-2 / 9, get(g1!)));
    addAndSubtract(code, e1!, e2!, e3!);
    code.set(e3!, times(1 / 90, g0!, scaled(2 / 45, get(g2!))));
    code.set(e4!, scaled(1 / 45, get(g1!)));
    addAndSubtract(code, e3!, e4!, e5!);
    code.set(e5!, times(32 / 45, g0!, scaled(8 / 45, get(g2!))));
    code.set(e6!, scaled(16 / 45, get(g1!)));
    addAndSubtract(code, e5!, e6!, g0!);
  },
  output: (code, { times }, [m0, m1, m2, m3, m4, m5, m6, m7], [y0, y1, y2, y3, y4, y5]) => {
    addAndSubtract(code, m1!, m2!, y0!);
    addAndSubtract(code, m3!, m4!, y0!);
    addAndSubtract(code, m5!, m6!, y0!);
    code.set(y0!, add(add(get(m0!), get(m1!)), add(get(m3!), get(m5!))));
    code.set(y1!, times(1 / 2, m6!, times(2, m4!, get(m2!))));
    code.set(y2!, times(1 / 4, m5!, times(4, m3!, get(m1!))));
    code.set(y3!, times(1 / 8, m6!, times(8, m4!, get(m2!))));
    code.set(y4!, times(1 / 16, m5!, times(16, m3!, get(m1!))));
    code.set(y5!, times(1 / 32, m6!, times(32, m4!, add(get(m2!), get(m7!)))));
  },
} as const satisfies Readonly<Record<string, Transform>>;
