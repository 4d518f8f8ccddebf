import { type CompiledFunction, FunctionCode, get, integers } from '../wasm/function-code.ts';
import { add, type Level, load, multiply, splat, subtract } from '../wasm/vectors.ts';

/**
 * Writes the sums of Winograd's F(2, 3) along time, which give two frames of a convolution with three taps by four products
 * instead of six: of frames `d` and taps `g`, `m1 = (d0 - d2) g0`, `m2 = (d1 + d2) (g0 + g1 + g2) / 2`,
 * `m3 = (d2 - d1) (g0 - g1 + g2) / 2` and `m4 = (d1 - d3) g2` make `m1 + m2 + m3` and `m2 - m3 - m4`. The sums of frames
 * are made by `winogradInputSum` and `winogradInputDifference`.
 *
 * `pairWeights(g0, g1, g2, sum, difference, vectors)` gives the weights of `m2` and `m3`, and `joinPairs(products, step,
 * vectors)` puts the two frames in the place of the first two of four products, which lie `step` bytes apart. The vectors are
 * an even number where they are joined.
 */
export function framePairs(level: Level): CompiledFunction[] {
  const sides = level === 'wide' ? [0, 1] : [0];
  return [pairWeights(sides), joinPairs(sides)];
}

function pairWeights(sides: readonly number[]): CompiledFunction {
  const code = new FunctionCode();
  const [g0, g1, g2, sum, difference, vectors] = integers(code, 6, 'parameter');
  const outer = sides.map(() => code.local('v128'));
  const middle = sides.map(() => code.local('v128'));
  const half = code.local('v128');
  code.set(half, splat(1 / 2));
  code.countdown(vectors!, sides.length, () => {
    for (const side of sides) code.set(outer[side]!, load(g0!, side * 16));
    for (const side of sides) code.set(middle[side]!, load(g1!, side * 16));
    for (const side of sides) code.set(outer[side]!, add(get(outer[side]!), load(g2!, side * 16)));
    for (const side of sides) code.set(outer[side]!, multiply(get(outer[side]!), get(half)));
    for (const side of sides) code.set(middle[side]!, multiply(get(middle[side]!), get(half)));
    for (const side of sides) code.store(sum!, add(get(outer[side]!), get(middle[side]!)), side * 16);
    for (const side of sides) code.store(difference!, subtract(get(outer[side]!), get(middle[side]!)), side * 16);
    for (const moved of [g0, g1, g2, sum, difference]) code.advance(moved!, sides.length * 16);
  });
  return code.finish('pairWeights');
}

function joinPairs(sides: readonly number[]): CompiledFunction {
  const code = new FunctionCode();
  const [products, step, vectors] = integers(code, 3, 'parameter');
  const places = [products!, ...integers(code, 3, 'local')];
  const terms = places.map(() => sides.map(() => code.local('v128')));
  places.slice(1).forEach((place, index) => {
    code.set(place, get(places[index]!));
    code.advance(place, get(step!));
  });
  code.countdown(vectors!, sides.length, () => {
    places.forEach((place, index) => {
      for (const side of sides) code.set(terms[index]![side]!, load(place, side * 16));
    });
    const [m1, m2, m3, m4] = terms.map((of) => (side: number) => get(of[side]!));
    for (const side of sides) code.store(places[0]!, add(m1!(side), add(m2!(side), m3!(side))), side * 16);
    for (const side of sides) code.store(places[1]!, subtract(subtract(m2!(side), m3!(side)), m4!(side)), side * 16);
    for (const place of places) code.advance(place, sides.length * 16);
  });
  return code.finish('joinPairs');
}
