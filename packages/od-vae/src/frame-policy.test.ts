import { ShapeError } from '@od-vae/core';
import type { Frame } from '@od-vae/video';
import { describe, expect, it } from 'vitest';

import { movingFrame } from '../fixtures/narrow-model.ts';
import { fitFrames, fittedExtent, fittedFrames, fittedSide, policyNote } from './frame-policy.ts';

const strides = { time: 4, space: 8 };
const extent = (frames: number, width = 16, height = 16) => ({ frames, width, height });

async function* stream(count: number, width = 16, height = 16): AsyncGenerator<Frame> {
  for (let index = 0; index < count; index++) yield movingFrame(index, width, height);
}

async function collect(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

describe('fittedFrames', () => {
  it.each([
    [1, 1, 1],
    [2, 5, 1],
    [3, 5, 1],
    [4, 5, 1],
    [5, 5, 5],
    [6, 9, 5],
    [7, 9, 5],
    [8, 9, 5],
    [9, 9, 9],
  ])('pads %i to %i and trims it to %i', (frames, padded, trimmed) => {
    expect([fittedFrames(frames, 4, 'pad'), fittedFrames(frames, 4, 'trim')]).toEqual([padded, trimmed]);
  });
});

describe('fittedSide', () => {
  it.each([
    [8, 8, 8],
    [9, 16, 8],
    [15, 16, 8],
    [17, 24, 16],
  ])('pads %i to %i and trims it to %i', (side, padded, trimmed) => {
    expect([fittedSide(side, 8, 'pad'), fittedSide(side, 8, 'trim')]).toEqual([padded, trimmed]);
  });
});

describe('fittedExtent', () => {
  it('fits frames and both sides', () => {
    expect(fittedExtent('encode', extent(6, 20, 9), strides, 'pad')).toEqual(extent(9, 24, 16));
    expect(fittedExtent('encode', extent(6, 20, 9), strides, 'trim')).toEqual(extent(5, 16, 8));
    expect(fittedExtent('encode', extent(5, 16, 8), strides, 'error')).toEqual(extent(5, 16, 8));
  });

  it.each([
    [extent(6), 'encode: the clip has 6 frames, but needs 4n + 1 (try 5 or 9, or another framePolicy).'],
    [
      extent(5, 20, 16),
      'encode: frames are 20x16, but both sides must be multiples of 8 (or choose another framePolicy).',
    ],
    [extent(5, 16, 7), 'encode: frames must be at least 8x8, but are 16x7.'],
  ])('refuses what does not fit under the policy error (%j)', (clip, sentence) => {
    expect(() => fittedExtent('encode', clip, strides, 'error')).toThrow(new ShapeError(sentence));
  });

  it('refuses less than one latent under every policy', () => {
    for (const policy of ['pad', 'trim', 'error'] as const) {
      expect(() => fittedExtent('encode', extent(1, 7, 16), strides, policy)).toThrow('at least 8x8, but are 7x16');
    }
  });
});

describe('policyNote', () => {
  it.each([
    [extent(5), extent(5), undefined],
    [
      extent(6),
      extent(9),
      '6 frames came and the model needs 4n + 1, so the last was repeated 3 times and cut off again.',
    ],
    [
      extent(8),
      extent(9),
      '8 frames came and the model needs 4n + 1, so the last was repeated once and cut off again.',
    ],
    [extent(8), extent(5), '8 frames came and the model needs 4n + 1, so the last 3 were dropped.'],
    [extent(6), extent(5), '6 frames came and the model needs 4n + 1, so the last was dropped.'],
    [
      extent(5, 20, 16),
      extent(5, 24, 16),
      'frames of 20x16 came and the model needs multiples of 8, so they were padded to 24x16 and cut back.',
    ],
    [
      extent(6, 20, 16),
      extent(5, 16, 16),
      '6 frames came and the model needs 4n + 1, so the last was dropped; ' +
        'frames of 20x16 came and the model needs multiples of 8, so they were cut to 16x16.',
    ],
  ])('of %j as %j', (clip, fitted, note) => {
    expect(policyNote(clip, fitted, strides)).toBe(note);
  });
});

describe('fitFrames', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('pads %i frames with the last one', async (count) => {
    const fitted = await collect(fitFrames(stream(count), strides, 'pad'));
    expect(fitted).toHaveLength(fittedFrames(count, 4, 'pad'));
    for (const [index, frame] of fitted.entries()) {
      expect(frame.data).toEqual(movingFrame(Math.min(index, count - 1), 16, 16).data);
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('trims %i frames from the end', async (count) => {
    const fitted = await collect(fitFrames(stream(count), strides, 'trim'));
    expect(fitted).toHaveLength(fittedFrames(count, 4, 'trim'));
    for (const [index, frame] of fitted.entries()) expect(frame.data).toEqual(movingFrame(index, 16, 16).data);
  });

  it('passes on what fits and refuses at the end what does not, when the policy is error', async () => {
    expect(await collect(fitFrames(stream(5), strides, 'error'))).toHaveLength(5);
    await expect(collect(fitFrames(stream(7), strides, 'error'))).rejects.toThrow(
      'encode: the clip has 7 frames, but needs 4n + 1 (try 5 or 9, or another framePolicy).',
    );
  });

  it('repeats the last column and row', async () => {
    const [frame] = await collect(fitFrames(stream(1, 9, 10), strides, 'pad'));
    const original = movingFrame(0, 9, 10);
    const pixel = ({ data, width }: Frame, row: number, column: number) => [
      ...data.subarray((row * width + column) * 3, (row * width + column) * 3 + 3),
    ];
    expect([frame!.width, frame!.height]).toEqual([16, 16]);
    for (const [row, column] of [
      [0, 0],
      [9, 8],
      [4, 15],
      [15, 3],
      [15, 15],
    ] as const) {
      expect(pixel(frame!, row, column)).toEqual(pixel(original, Math.min(row, 9), Math.min(column, 8)));
    }
  });

  it('cuts rows and columns off', async () => {
    const [frame] = await collect(fitFrames(stream(1, 9, 10), strides, 'trim'));
    const original = movingFrame(0, 9, 10);
    expect([frame!.width, frame!.height]).toEqual([8, 8]);
    for (let row = 0; row < 8; row++) {
      expect(frame!.data.subarray(row * 24, row * 24 + 24)).toEqual(original.data.subarray(row * 27, row * 27 + 24));
    }
  });

  it('shows every kept frame, as much of it as is kept, and no padding', async () => {
    for (const [policy, kept, size] of [
      ['pad', 6, [9, 10]],
      ['trim', 5, [8, 8]],
    ] as const) {
      const seen: Frame[] = [];
      await collect(fitFrames(stream(6, 9, 10), strides, policy, (frame) => seen.push(frame)));
      expect(seen).toHaveLength(kept);
      for (const { width, height, data } of seen) {
        expect([width, height, data.length]).toEqual([...size, size[0] * size[1] * 3]);
      }
    }
  });

  it('gives nothing of nothing', async () => {
    expect(await collect(fitFrames(stream(0), strides, 'pad'))).toEqual([]);
  });
});
