import { noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { memory, type Rank, type Tensor, type Tensor5D, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { extentOf, fitClip, resizeClip } from './fit-clip.ts';

useBackend('cpu');
useLeakGuard();

const strides = { time: 4, space: 8 };

/** Checks that every value is that of the nearest place of the original. */
function expectContinued(clip: Tensor5D, original: Tensor5D): void {
  const [batch, frames, height, width, channels] = original.shape;
  const [ours, theirs] = [clip.arraySync(), original.arraySync()];
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < clip.shape[1]; t++) {
      for (let y = 0; y < clip.shape[2]; y++) {
        for (let x = 0; x < clip.shape[3]; x++) {
          const source = theirs[b]![Math.min(t, frames - 1)]![Math.min(y, height - 1)]![Math.min(x, width - 1)];
          expect(ours[b]![t]![y]![x]).toEqual(source);
        }
      }
    }
  }
  expect(clip.shape[4]).toBe(channels);
}

describe('resizeClip', () => {
  it.each([
    ['longer', { frames: 5, height: 10, width: 11 }],
    ['shorter', { frames: 2, height: 8, width: 8 }],
    ['longer in time, smaller in space', { frames: 4, height: 8, width: 10 }],
    ['as it is', { frames: 3, height: 9, width: 10 }],
  ])('makes every sample %s, with its last frame, row and column', (_, extent) => {
    scoped(() => {
      const clip = noiseClip('x', [2, 3, 9, 10, 3]);
      const resized = resizeClip(clip, extent);
      expect(extentOf(resized)).toEqual(extent);
      expectContinued(resized, clip);
    })();
  });

  it('gives a fresh tensor and nothing else', () => {
    const clip = noiseClip('x', [1, 3, 8, 8, 3]);
    for (const extent of [
      { frames: 3, height: 8, width: 8 },
      { frames: 5, height: 9, width: 7 },
    ]) {
      const before = memory().numTensors;
      const resized = resizeClip(clip, extent);
      expect(memory().numTensors).toBe(before + 1);
      resized.dispose();
      expect(clip.isDisposed).toBe(false);
    }
    clip.dispose();
  });
});

describe('fitClip', () => {
  it('says what shape a clip must have', () => {
    const image = zeros<Rank.R4>([1, 8, 8, 3]) as Tensor as Tensor5D;
    expect(() => fitClip(image, strides, 'pad')).toThrow(
      'needs [batch, time, height, width, 3], but the clip is [1,8,8,3]',
    );
    image.dispose();
  });

  it.each([
    ['pad', { frames: 9, height: 16, width: 24 }],
    ['trim', { frames: 5, height: 8, width: 16 }],
  ] as const)('fits a clip by the policy %s', (policy, extent) => {
    scoped(() => expect(extentOf(fitClip(noiseClip('x', [1, 6, 9, 20, 3]), strides, policy))).toEqual(extent))();
  });

  it(
    'refuses what does not fit when the policy is error',
    scoped(() => {
      expect(() => fitClip(noiseClip('x', [1, 6, 8, 8, 3]), strides, 'error')).toThrow('the clip has 6 frames');
    }),
  );
});
