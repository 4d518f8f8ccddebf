import { disposeParams } from '@od-vae/core';
import { useLeakGuard } from '@od-vae/test-utils';
import { fill, tensor, type Tensor5D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { useBackend } from './backend.ts';
import { checkClip } from './check-values.ts';
import { clipFromPixels } from './clip-from-pixels.ts';
import { OdVae } from './od-vae.ts';

let vae: OdVae;
beforeAll(async () => {
  await useBackend('simd');
  vae = await OdVae.fromPretrained('small');
});
afterAll(() => disposeParams(vae.params));

describe('OdVae', () => {
  const clip = (value: number) => fill([1, 1, 16, 16, 3], value) as Tensor5D;

  it.each([undefined, Promise.resolve()])('refuses %s in the place of a model', (model) => {
    expect(() => new OdVae(model as never)).toThrow(/await OdVae\.fromPretrained\(\) loads one\.$/);
  });

  it('refuses values of the first clip that are no pixels, and those of any clip on request', async () => {
    const fresh = new OdVae(vae);
    for (const value of [255, -2, Number.NaN, Infinity]) {
      const wrong = clip(value);
      expect(() => fresh.encode(wrong)).toThrow(/^encode: the clip must have values in \[-1, 1\], but holds /);
      await expect(checkClip(wrong)).rejects.toThrow(/^checkClip: the clip must have values in \[-1, 1\], but holds /);
      wrong.dispose();
    }
    const right = clip(-1);
    await expect(checkClip(right)).resolves.toBeUndefined();
    fresh.encode(right).dispose();
    right.dispose();
  });
});

describe('clipFromPixels', () => {
  useLeakGuard();

  it('maps 0 to 255 of pictures and tensors to [-1, 1]', async () => {
    const rgb = { width: 2, height: 1, data: Uint8Array.of(0, 255, 51, 204, 0, 255) };
    const rgba = { width: 2, height: 1, data: Uint8ClampedArray.of(0, 255, 51, 9, 204, 0, 255, 9) };
    const pixels = tensor([...rgb.data], [1, 2, 3], 'int32');
    for (const source of [[rgb], [rgba], pixels]) {
      const clip = clipFromPixels(source);
      expect(clip.shape).toEqual([1, 1, 1, 2, 3]);
      expect(clip.dtype).toBe('float32');
      const expected = [-1, 1, -0.6, 0.6, -1, 1];
      for (const [index, value] of (await clip.data()).entries()) expect(value).toBeCloseTo(expected[index]!, 6);
      clip.dispose();
    }
    pixels.dispose();
  });

  it('refuses other shapes and sizes', () => {
    const flat = tensor([1]);
    expect(() => clipFromPixels(flat)).toThrow('clipFromPixels: pixels must be [height, width, 3]');
    flat.dispose();
    expect(() => clipFromPixels([])).toThrow('there must be at least one picture');
    const one = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
    expect(() => clipFromPixels([one, { ...one, width: 3 }])).toThrow('picture 1 must have 1x1 pixels');
  });
});
