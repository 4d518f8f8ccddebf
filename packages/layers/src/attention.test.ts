import '@tensorflow/tfjs-layers';
import { countParams, mapSpec, sliceFrames } from '@od-vae/core';
import {
  goldenWeight,
  largestDifference,
  noiseClip,
  onBackend,
  scoped,
  useBackend,
  useLeakGuard,
} from '@od-vae/test-utils';
import {
  add,
  concat,
  eye,
  fill,
  gather,
  grads,
  reshape,
  reverse,
  split,
  type Tensor,
  tensor,
  tensor1d,
  type Tensor3D,
  type Tensor5D,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { finiteDifferences } from '../fixtures/finite-differences.ts';
import { leftBehind } from '../fixtures/left-behind.ts';
import { pickFrames } from './pick-frames.ts';
import {
  type AttentionParams,
  attentionSpec,
  scaledDotProduct,
  scrambledAttention,
  spatialAttention,
  temporalAttention,
} from './attention.ts';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 1e-5;
const CHANNELS = 4;
const options = { groups: 2 };
const blocks = [
  ['spatialAttention', spatialAttention],
  ['scrambledAttention', scrambledAttention],
  ['temporalAttention', temporalAttention],
] as const;

function paramsFor(): AttentionParams {
  return mapSpec(attentionSpec(CHANNELS, 'causal'), ({ shape }, path) =>
    // Three times the usual scale, so that the softmax is far from even.
    tensor(
      goldenWeight(path.join('.'), shape).map((value) => 3 * value),
      [...shape],
    ),
  );
}

type Projection = AttentionParams['out'];

/** A convolution that gives `value` everywhere. */
const constant = (value: number): Projection => ({
  weight: zeros([1, 1, 1, CHANNELS, CHANNELS]),
  bias: fill([CHANNELS], value),
});

/** A convolution that passes on what it gets. */
const identity = (): Projection => ({
  weight: reshape(eye(CHANNELS), [1, 1, 1, CHANNELS, CHANNELS]),
  bias: zeros([CHANNELS]),
});

const constantValue = (value: number): AttentionParams => ({ ...paramsFor(), value: constant(value), out: identity() });

const clip = (frames: number): Tensor5D => noiseClip('x', [1, frames, 2, 3, CHANNELS]);
const tokens = (key: string): Tensor3D => reshape(noiseClip(key, [1, 1, 3, 5, 2]), [3, 5, 2]);

const distance = (a: Tensor, b: Tensor) => {
  expect(a.shape).toEqual(b.shape);
  return largestDifference(a.dataSync(), b.dataSync());
};

/** The pixels of every frame of a one-sample clip in another order. */
function movePixels(x: Tensor5D, order: number[]): Tensor5D {
  const [, time, height, width, channels] = x.shape;
  const pixels = gather(reshape(x, [time, height * width, channels]), tensor1d(order, 'int32'), 1);
  return reshape(pixels, x.shape);
}

describe('scaledDotProduct', () => {
  it(
    'is softmax(query keyᵀ / sqrt(channels)) value, sequence by sequence',
    scoped(() => {
      const [query, key, value] = [tokens('q'), tokens('k'), tokens('v')];
      const [q, k, v] = [query.arraySync(), key.arraySync(), value.arraySync()];
      const expected = q.map((sequence, s) =>
        sequence.map((asked) => {
          const scores = k[s]!.map((known) => Math.exp((asked[0]! * known[0]! + asked[1]! * known[1]!) / Math.SQRT2));
          const total = scores.reduce((sum, score) => sum + score);
          return [0, 1].map((c) => scores.reduce((sum, score, t) => sum + (score / total) * v[s]![t]![c]!, 0));
        }),
      );
      expect(largestDifference(scaledDotProduct(query, key, value).dataSync(), expected.flat(2))).toBeLessThan(FLOAT32);
    }),
  );

  it(
    'stays finite where scores are huge',
    scoped(() => {
      const large = tensor([1000, -1000], [1, 2, 1]) as Tensor3D;
      const value = tensor([3, 5], [1, 2, 1]) as Tensor3D;
      expect([...scaledDotProduct(large, large, value).dataSync()]).toEqual([3, 5]);
    }),
  );

  it('takes sequences in parts where all scores together would be too many', async () => {
    const count = 2900; // 2900² scores of one sequence are half of what is held at once
    await onBackend('wasm', () => {
      scoped(() => {
        const pair = reshape(noiseClip('x', [1, 1, 2, count, 1]), [2, count, 1]) as Tensor3D;
        const alone = [0, 1].map((s) => pair.arraySync()[s]!).map((sequence) => tensor([sequence]) as Tensor3D);
        const together = scaledDotProduct(pair, pair, pair);
        const separate = concat(
          alone.map((one) => scaledDotProduct(one, one, one)),
          0,
        );
        expect(distance(together, separate)).toBe(0);
      })();
    });
  });

  it(
    'has the gradients that finite differences measure',
    scoped(() => {
      const inputs = [tokens('q'), tokens('k'), tokens('v')];
      const run = (...[query, key, value]: Tensor[]) =>
        scaledDotProduct(query as Tensor3D, key as Tensor3D, value as Tensor3D);
      const outward = tokens('dy');
      for (const [index, gradient] of grads(run)(inputs, outward).entries()) {
        const slopes = finiteDifferences((at) => run(...at), inputs, index, { outward, step: 0.02 });
        expect(largestDifference(gradient.dataSync(), slopes)).toBeLessThan(2e-3);
      }
    }),
  );
});

describe.each(blocks)('%s', (_, attend) => {
  it(
    'adds a value that is the same everywhere unchanged, since softmax rows sum to 1',
    scoped(() => {
      const x = clip(3);
      expect(distance(attend(constantValue(2), x, options), add(x, 2))).toBeLessThan(FLOAT32);
    }),
  );

  it(
    'keeps the shape of a clip of several samples and leaves nothing behind but its output',
    scoped(() => {
      const params = paramsFor();
      const x = noiseClip('x', [2, 3, 2, 3, CHANNELS]);
      expect(leftBehind(() => attend(params, x, options))).toBe(0);
      expect(attend(params, x, options).shape).toEqual(x.shape);
    }),
  );
});

describe('spatialAttention', () => {
  it(
    'does not let frames attend to one another',
    scoped(() => {
      const params = paramsFor();
      const x = clip(3);
      // Other pixels in another order change nothing in the statistics of the norm, so only attention could tell.
      const moved = movePixels(sliceFrames(x, 1, 2), [5, 4, 3, 2, 1, 0]);
      const other = concat<Tensor5D>([sliceFrames(x, 0, 1), moved, sliceFrames(x, 2, 3)], 1);
      const [before, after] = [spatialAttention(params, x, options), spatialAttention(params, other, options)];
      for (const frame of [0, 2]) {
        expect(distance(sliceFrames(before, frame, frame + 1), sliceFrames(after, frame, frame + 1))).toBeLessThan(
          FLOAT32,
        );
      }
      const back = movePixels(sliceFrames(after, 1, 2), [5, 4, 3, 2, 1, 0]);
      expect(distance(sliceFrames(before, 1, 2), back)).toBeLessThan(FLOAT32);
    }),
  );

  it(
    'lets the pixels of a frame attend to one another, wherever they are',
    scoped(() => {
      const params = paramsFor();
      const x = clip(1);
      const order = [0, 3, 1, 5, 4, 2];
      const y = spatialAttention(params, x, options);
      expect(distance(movePixels(y, order), spatialAttention(params, movePixels(x, order), options))).toBeLessThan(
        FLOAT32,
      );
      const alone = spatialAttention({ ...params, query: constant(0) }, x, options);
      expect(distance(y, alone)).toBeGreaterThan(0.01);
    }),
  );
});

describe('scrambledAttention', () => {
  it(
    'is spatialAttention for one frame',
    scoped(() => {
      const params = paramsFor();
      const x = clip(1);
      expect(distance(scrambledAttention(params, x, options), spatialAttention(params, x, options))).toBeLessThan(
        FLOAT32,
      );
    }),
  );

  it(
    'differs from spatialAttention for more frames, even where nothing moves',
    scoped(() => {
      const params = paramsFor();
      const still = concat<Tensor5D>([clip(1), clip(1)], 1);
      for (const x of [clip(2), still]) {
        expect(distance(scrambledAttention(params, x, options), spatialAttention(params, x, options))).toBeGreaterThan(
          0.01,
        );
      }
    }),
  );

  it(
    'puts every value back where it came from',
    scoped(() => {
      // Queries that are all alike attend evenly: each place of a sequence gets its mean over the pixels, in any order of places.
      const even = { ...paramsFor(), query: constant(0), key: constant(0), value: identity(), out: identity() };
      const x = clip(2);
      const expected = spatialAttention(even, x, options);
      expect(distance(scrambledAttention(even, x, options), expected)).toBeLessThan(FLOAT32);
    }),
  );
});

describe('temporalAttention', () => {
  it(
    'mixes the frames of a pixel and nothing else',
    scoped(() => {
      const params = paramsFor();
      const x = clip(4);
      const before = temporalAttention(params, x, options);
      // One pixel's frames in reverse order change nothing in the statistics of the norm.
      const columns = (clip: Tensor5D) => split(reshape(clip, [4, 6, CHANNELS]), 6, 1);
      for (let moved = 0; moved < 6; moved++) {
        const other = columns(x).map((pixel, index) => (index === moved ? reverse(pixel, 0) : pixel));
        const after = temporalAttention(params, reshape(concat(other, 1), x.shape) as Tensor5D, options);
        for (const [index, pixel] of columns(after).entries()) {
          const expected = columns(before)[index]!;
          expect(distance(pixel, index === moved ? reverse(expected, 0) : expected)).toBeLessThan(FLOAT32);
        }
      }
    }),
  );

  it(
    'is not causal: the last frame changes the first',
    scoped(() => {
      const params = paramsFor();
      const x = clip(3);
      const swapped = pickFrames(x, [0, 2, 1]);
      const frames = [x, swapped].map((one) => sliceFrames(temporalAttention(params, one, options), 0, 1));
      expect(distance(frames[0]!, frames[1]!)).toBeLessThan(FLOAT32);
      const moved = concat<Tensor5D>([sliceFrames(x, 0, 2), movePixels(sliceFrames(x, 2, 3), [5, 4, 3, 2, 1, 0])], 1);
      const after = sliceFrames(temporalAttention(params, moved, options), 0, 1);
      expect(distance(frames[0]!, after)).toBeGreaterThan(0.01);
    }),
  );
});

describe('attentionSpec', () => {
  it.each([
    ['conv2d', 'conv2d', 'weight'],
    ['causal', 'conv3d', 'conv.weight'],
    ['conv3d', 'conv3d', 'weight'],
  ] as const)(
    'of %s storage has four one-tap convolutions of layout %s, stored as %s',
    (storage, layout, storedName) => {
      const spec = attentionSpec(8, storage);
      for (const projection of [spec.query, spec.key, spec.value, spec.out]) {
        expect(projection.weight).toMatchObject({ shape: [1, 1, 1, 8, 8], layout, storedName });
      }
      expect(countParams(spec)).toBe(4 * (64 + 8) + 16);
    },
  );
});
