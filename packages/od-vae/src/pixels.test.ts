import { scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import type { Frame } from '@od-vae/video';
import { describe, expect, it } from 'vitest';

import { movingFrame } from '../fixtures/narrow-model.ts';
import { clipOfFrames, frameOfPicture, picturesOfClip, sideBySide } from './pixels.ts';

useBackend('cpu');
useLeakGuard();

const everyByte: Frame = {
  width: 16,
  height: 8,
  timestamp: 0,
  data: Uint8Array.from({ length: 384 }, (_, index) => index % 256),
};

describe('clipOfFrames', () => {
  it(
    'lays frames side by side in time, 0 as -1 and 255 as 1',
    scoped(() => {
      const clip = clipOfFrames([
        movingFrame(0, 4, 2),
        { ...movingFrame(1, 4, 2), data: new Uint8Array(24).fill(255) },
      ]);
      expect(clip.shape).toEqual([1, 2, 2, 4, 3]);
      const values = clip.dataSync();
      expect(values[0]).toBe(Math.fround((movingFrame(0, 4, 2).data[0]! / 255) * 2 - 1));
      expect([...values.subarray(24)]).toEqual(Array(24).fill(1));
    }),
  );

  it(
    'goes to pictures and bytes and back without a change, for every byte',
    scoped(() => {
      const clip = clipOfFrames([everyByte]);
      const [picture] = picturesOfClip(clip.dataSync<'float32'>(), clip.shape, { width: 16, height: 8 });
      const frame = frameOfPicture({ width: 16, height: 8, data: picture!, timestamp: 0 });
      expect(frame).toEqual(everyByte);
    }),
  );
});

describe('picturesOfClip', () => {
  it('cuts values to [0, 1] and pictures to the first rows and columns', () => {
    const values = Float32Array.from({ length: 2 * 2 * 3 * 3 }, (_, index) => (index - 18) / 9);
    const pictures = [...picturesOfClip(values, [1, 2, 2, 3, 3], { width: 2, height: 1 })];
    const expected = [0, 18].map((frame) =>
      Float32Array.from({ length: 6 }, (_, at) => Math.min(1, Math.max(0, (values[frame + at]! + 1) / 2))),
    );
    expect(pictures).toEqual(expected);
  });
});

describe('frameOfPicture', () => {
  it('rounds to the nearest byte', () => {
    const data = new Float32Array([0, 1, 0.5, 99.4 / 255, 99.6 / 255, 1 / 255]);
    expect([...frameOfPicture({ width: 2, height: 1, data, timestamp: 3 }).data]).toEqual([0, 255, 128, 99, 100, 1]);
  });
});

describe('sideBySide', () => {
  it('puts each row of the right frame behind that of the left', () => {
    const left: Frame = { width: 1, height: 2, timestamp: 7, data: new Uint8Array([1, 1, 1, 2, 2, 2]) };
    const right: Frame = {
      width: 2,
      height: 2,
      timestamp: 9,
      data: Uint8Array.from({ length: 12 }, (_, at) => 10 + at),
    };
    expect(sideBySide(left, right)).toEqual({
      width: 3,
      height: 2,
      timestamp: 7,
      data: new Uint8Array([1, 1, 1, 10, 11, 12, 13, 14, 15, 2, 2, 2, 16, 17, 18, 19, 20, 21]),
    });
  });
});
