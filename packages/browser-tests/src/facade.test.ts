import { goldenInput, largestDifference, useLeakGuard } from '@od-vae/test-utils';
import { tensor5d } from '@tensorflow/tfjs-core';
import { OdVae } from 'od-vae';
import { describe, expect, it } from 'vitest';

import node from '../fixtures/small-model.json' with { type: 'json' };
import { useDevice } from './use-device.ts';

const SHAPE: [number, number, number, number, number] = [1, 5, 32, 32, 3];

describe.each([
  ['webgpu', 1e-4],
  ['wasm', 2e-5],
] as const)('OdVae on %s', (device, tolerance) => {
  useDevice(device);
  useLeakGuard();

  it('loads the model that comes with the page, encodes and decodes a clip, as in Node', async () => {
    using vae = await OdVae.fromPretrained('small');
    const clip = tensor5d(goldenInput('clip', SHAPE), SHAPE);
    const posterior = vae.encode(clip);
    const rebuilt = vae.decode(posterior.mean);
    expect(rebuilt.shape).toEqual(SHAPE);
    expect(largestDifference(await posterior.mean.data(), node.latents)).toBeLessThan(tolerance);
    const pixels = (await rebuilt.data()).filter((_, index) => index % node.pixelStep === 0);
    expect(largestDifference(pixels, node.pixels)).toBeLessThan(tolerance);
    for (const one of [clip, posterior, rebuilt]) one.dispose();
  });
});
