import { describe, expect, it } from 'vitest';
import type { Picture } from './picture.ts';
import { resampledCount, resamplePictures, takePictures } from './select-pictures.ts';

/** Pictures at the given times; the pixels hold the index. */
function makePictures(times: readonly number[], released: number[] = []) {
  return (async function* pictures(): AsyncGenerator<Picture, void, undefined> {
    for (const [index, timestamp] of times.entries()) {
      yield {
        timestamp,
        duration: undefined,
        pixels: async () => ({ width: 1, height: 1, data: Uint8Array.of(index) }),
        release: () => released.push(index),
      };
    }
  })();
}

async function indices(pictures: AsyncIterable<Picture>): Promise<number[]> {
  const found: number[] = [];
  for await (const picture of pictures) {
    found.push((await picture.pixels()).data[0]!);
    picture.release();
  }
  return found;
}

const steady = (count: number, fps: number, first = 0) =>
  Array.from({ length: count }, (_, index) => first + index / fps);

describe('resamplePictures', () => {
  it.each([
    [13, 24, 12, [0, 2, 4, 6, 8, 10, 12]],
    [4, 24, 48, [0, 0, 1, 1, 2, 2, 3, 3]],
    [5, 25, 25, [0, 1, 2, 3, 4]],
    [6, 30, 20, [0, 1, 3, 4]],
  ])('turns %d frames at %d a second into %d a second', async (count, from, to, expected) => {
    expect(await indices(resamplePictures(makePictures(steady(count, from, 2.5)), to, from))).toEqual(expected);
    expect(resampledCount(count / from, to)).toBe(expected.length);
  });

  it('keeps the count where only the times are rounded to milliseconds', async () => {
    const times = steady(240, 24).map((time) => Math.round(time * 1000) / 1000);
    expect(await indices(resamplePictures(makePictures(times), 24, 24))).toEqual(times.map((_, index) => index));
  });

  it('takes the nearest frame of a varying rate', async () => {
    expect(await indices(resamplePictures(makePictures([0, 0.1, 0.5, 0.6]), 5, 10))).toEqual([0, 1, 2, 3]);
  });

  it('releases every picture once, also when the reader stops early', async () => {
    const all: number[] = [];
    await indices(resamplePictures(makePictures(steady(4, 24), all), 48, 24));
    expect(all).toEqual([0, 1, 2, 3]);
    const some: number[] = [];
    for await (const picture of resamplePictures(makePictures(steady(4, 24), some), 24, 24)) {
      if (picture.timestamp > 0.05) {
        break;
      }
    }
    expect(some).toEqual([0, 1, 2]);
  });
});

describe('takePictures', () => {
  it('drops and counts, and asks for no frame beyond the last', async () => {
    const released: number[] = [];
    expect(await indices(takePictures(makePictures(steady(9, 1), released), 2, 3))).toEqual([2, 3, 4]);
    expect(released).toEqual([0, 1, 2, 3, 4]);
  });
});
