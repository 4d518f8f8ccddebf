import { describe, expect, it } from 'vitest';
import { loadMediaServer } from './media-server.ts';
import { loadOddSample } from './odd-sample.ts';

describe('loadOddSample', () => {
  it('copies the samples, so that the caller may free or reuse them', async () => {
    expect(await loadMediaServer()).toEqual({ loaded: true });
    const makeSample = await loadOddSample();
    const i420 = new Uint8Array(3 + 2 + 2).fill(77);
    const sample = makeSample(i420, { width: 3, height: 1 }, { timestamp: 0, duration: 1 });
    i420.fill(5);
    const copied = new Uint8Array(sample.allocationSize());
    await sample.copyTo(copied);
    expect([sample.format, sample.codedWidth, sample.codedHeight]).toEqual(['I420', 3, 1]);
    expect(new Set(copied)).toEqual(new Set([77]));
    sample.close();
  });
});
