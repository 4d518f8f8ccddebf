import { ConfigError, ShapeError } from '@od-vae/core';
import { largestDifference, noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { concat, fill, memory, mul, tensor5d, type Tensor, type Tensor5D, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { DiagonalGaussian } from './posterior.ts';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 1e-5;
const numbers = (x: Tensor): number[] => [...x.dataSync()];

/** Runs a body with a posterior, and frees that. */
function withPosterior(moments: () => Tensor5D, body: (posterior: DiagonalGaussian) => void): () => void {
  return scoped(() => {
    using posterior = new DiagonalGaussian(moments());
    body(posterior);
  });
}

const noise = () => noiseClip('moments', [2, 3, 2, 2, 8]);

describe('DiagonalGaussian', () => {
  it(
    'reads the mean from the first half of the channels and the log-variance from the second',
    withPosterior(
      () => tensor5d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 1, 1, 4]),
      (posterior) => {
        expect(posterior.shape).toEqual([1, 2, 1, 1, 2]);
        expect(numbers(posterior.mean)).toEqual([1, 2, 5, 6]);
        expect(numbers(posterior.logvar)).toEqual([3, 4, 7, 8]);
      },
    ),
  );

  it(
    'clamps the log-variance to [-30, 20]',
    withPosterior(
      () => tensor5d([0, 0, 0, -31, 21, 5], [1, 1, 1, 1, 6]),
      ({ logvar }) => expect(numbers(logvar)).toEqual([-30, 20, 5]),
    ),
  );

  it(
    'has the standard deviation exp(logvar / 2)',
    withPosterior(noise, (posterior) => {
      const expected = numbers(posterior.logvar).map((value) => Math.exp(value / 2));
      expect(largestDifference(posterior.std.dataSync(), expected)).toBeLessThan(FLOAT32);
    }),
  );

  it(
    'has its mean as mode, in a tensor of its own',
    withPosterior(noise, (posterior) => {
      expect(posterior.mode()).not.toBe(posterior.mean);
      expect(numbers(posterior.mode())).toEqual(numbers(posterior.mean));
    }),
  );

  it(
    'draws the same sample for a seed and another for another',
    withPosterior(noise, (posterior) => {
      expect(numbers(posterior.sample({ seed: 7 }))).toEqual(numbers(posterior.sample({ seed: 7 })));
      expect(numbers(posterior.sample({ seed: 7 }))).not.toEqual(numbers(posterior.sample({ seed: 8 })));
    }),
  );

  it(
    'draws fresh noise without a seed and reports the seed',
    withPosterior(noise, (posterior) => {
      expect(posterior.seed).toBeUndefined();
      const first = numbers(posterior.sample());
      const { seed } = posterior;
      expect(numbers(posterior.sample())).not.toEqual(first);
      expect(posterior.seed).not.toBe(seed);
      expect(numbers(posterior.sample({ seed: seed! }))).toEqual(first);
    }),
  );

  it(
    'refuses a seed that would draw the noise of another',
    withPosterior(noise, (posterior) => {
      for (const seed of [-1, 1.5, Number.NaN, 2 ** 32, '1' as unknown as number]) {
        expect(() => posterior.sample({ seed })).toThrow(
          new ConfigError(`sample: seed must be an integer from 0 to 4294967295, but is ${seed}.`),
        );
      }
    }),
  );

  it(
    'draws samples with its mean and standard deviation',
    withPosterior(
      () =>
        concat<Tensor5D>(
          [fill([1, 5, 40, 50, 1], 3) as Tensor5D, fill([1, 5, 40, 50, 1], 2 * Math.log(0.5)) as Tensor5D],
          4,
        ),
      (posterior) => {
        const values = numbers(posterior.sample({ seed: 3 }));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        expect(Math.abs(mean - 3)).toBeLessThan(0.02);
        expect(Math.abs(Math.sqrt(variance) - 0.5)).toBeLessThan(0.02);
      },
    ),
  );

  it(
    'is the mean where there is no variance to speak of',
    withPosterior(
      () => concat<Tensor5D>([noiseClip('mean', [1, 1, 2, 2, 4]), fill([1, 1, 2, 2, 4], -100) as Tensor5D], 4),
      (posterior) => {
        expect(largestDifference(posterior.sample().dataSync(), posterior.mean.dataSync())).toBeLessThan(FLOAT32);
      },
    ),
  );

  it(
    'diverges from the standard normal by 0 where it is one',
    withPosterior(
      () => zeros([2, 1, 2, 2, 8]),
      (posterior) => expect(numbers(posterior.kl())).toEqual([0]),
    ),
  );

  it(
    'diverges by 0.5 * sum(mean² + variance - 1 - logvar), averaged over the batch',
    withPosterior(noise, (posterior) => {
      const logvar = numbers(posterior.logvar);
      const terms = numbers(posterior.mean).map((mean, at) => mean ** 2 + Math.exp(logvar[at]!) - 1 - logvar[at]!);
      const expected = (0.5 * terms.reduce((sum, term) => sum + term)) / 2;
      expect(Math.abs(numbers(posterior.kl())[0]! / expected - 1)).toBeLessThan(FLOAT32);
    }),
  );

  it(
    'borrows its moments',
    scoped(() => {
      const moments = noise();
      const posterior = new DiagonalGaussian(moments);
      expect(moments.isDisposed).toBe(false);
      moments.dispose();
      expect(numbers(posterior.mode())).toHaveLength(96);
      posterior.dispose();
    }),
  );

  it('outlives the scope in which it was made, until it is disposed', () => {
    const before = memory().numTensors;
    let posterior: DiagonalGaussian | undefined;
    tidy(() => {
      posterior = new DiagonalGaussian(mul(noise(), 2));
    });
    expect(posterior!.mean.isDisposed).toBe(false);
    expect(memory().numTensors).toBe(before + 3);
    posterior!.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it(
    'refuses an odd number of channels',
    scoped(() => {
      expect(() => new DiagonalGaussian(zeros([1, 1, 2, 2, 5]))).toThrow(
        new ShapeError('DiagonalGaussian: moments need an even number of channels, but are [1,1,2,2,5].'),
      );
    }),
  );
});
