import '@tensorflow/tfjs-layers';
import { foldTime } from '@od-vae/core';
import { noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { add, grad, mul, norm, type Scalar, slice, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { type PixelError, reconstructionLoss } from './reconstruction.ts';

useBackend('cpu');
useLeakGuard();

const frames = (name: string): Tensor4D => foldTime(noiseClip(name, [1, 2, 4, 4, 3]));
const number = (value: Scalar): number => value.dataSync()[0]!;
const squares = (a: Tensor, b: Tensor): number => {
  const [first, second] = [a.dataSync<'float32'>(), b.dataSync<'float32'>()];
  return first.reduce((total, value, index) => total + (value - second[index]!) ** 2, 0) / first.length;
};

describe('reconstructionLoss', () => {
  it(
    'by PSNR is the mean logarithm of the mean squares of frames',
    scoped(() => {
      const [target, rebuilt] = [frames('target'), frames('rebuilt')];
      const each = [0, 1].map((at) => {
        const [a, b] = [target, rebuilt].map((clip) => slice(clip, at, 1));
        return Math.log(squares(a!, b!));
      });
      const { mean, nll } = reconstructionLoss(target, rebuilt, { pixelError: 'psnr' });
      expect(number(mean)).toBeCloseTo((each[0]! + each[1]!) / 2, 5);
      expect(number(nll)).toBeCloseTo(48 * number(mean), 3);
    }),
  );

  it(
    'by PSNR pulls as hard at a frame that is ten times nearer, the others do not',
    scoped(() => {
      const target = frames('target');
      const pull = (pixelError: PixelError, distance: number): number => {
        const rebuilt = add(target, mul(frames('away'), distance)) as Tensor4D;
        const slope = grad((x: Tensor) => reconstructionLoss(target, x as Tensor4D, { pixelError }).nll)(rebuilt);
        return number(norm(slope) as Scalar) * distance;
      };
      expect(pull('psnr', 0.1) / pull('psnr', 1)).toBeCloseTo(1, 3);
      expect(pull('l2', 0.1) / pull('l2', 1)).toBeCloseTo(0.01, 3);
      expect(pull('l1', 0.1) / pull('l1', 1)).toBeCloseTo(0.1, 3);
    }),
  );

  it(
    'by PSNR has a finite value and no slope where nothing is wrong',
    scoped(() => {
      const target = frames('target');
      const { mean } = reconstructionLoss(target, target.clone(), { pixelError: 'psnr' });
      expect(number(mean)).toBeCloseTo(Math.log(1e-8), 3);
      const slope = grad((x: Tensor) => reconstructionLoss(target, x as Tensor4D, { pixelError: 'psnr' }).nll)(target);
      expect(Math.max(...slope.dataSync())).toBe(0);
    }),
  );
});
