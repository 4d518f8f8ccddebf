import '@tensorflow/tfjs-backend-cpu';
import { ConfigError } from '@od-vae/core';
import { memory, type Tensor5D } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { fakeDecoder, fakeEncoder, rampClip } from '../fixtures/fake-codec.ts';
import { temporallyTiled } from './temporally-tiled.ts';

const strides = { temporalStride: 4, spatialStride: 2 };
const encoder = fakeEncoder(strides);
const decoder = fakeDecoder(strides);

function expectSame(actual: Tensor5D, expected: Tensor5D): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dataSync()).toEqual(expected.dataSync());
}

describe('temporallyTiled', () => {
  it('encodes a clip of any length as one pass does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 5 }), (time, groups) => {
        const clip = rampClip(time, 2, 4);
        const options = { tileFrames: 4 * groups + 1, temporalStride: 4 };
        expectSame(temporallyTiled(encoder, options)(clip), encoder(clip));
      }),
      { numRuns: 40 },
    );
  });

  it('decodes latents of any length as one pass does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 2, max: 9 }), (time, tileFrames) => {
        const latents = rampClip(time, 1, 2, 2);
        expectSame(temporallyTiled(decoder, { tileFrames })(latents), decoder(latents));
      }),
      { numRuns: 40 },
    );
  });

  it('shows each tile its own frames, the last one of the tile before first', () => {
    const clip = rampClip(11, 1, 1, 1, 1);
    const values = [...clip.dataSync()];
    const seen: number[][] = [];
    const f = vi.fn((tile: Tensor5D) => {
      seen.push([...tile.dataSync()]);
      return tile;
    });
    expectSame(temporallyTiled(f, { tileFrames: 5 })(clip), clip);
    expect(seen).toEqual([values.slice(0, 5), values.slice(4, 9), values.slice(8, 11)]);
  });

  it('does not compute a tile of which nothing would be kept', () => {
    const f = vi.fn(encoder);
    expect(temporallyTiled(f, { tileFrames: 33, temporalStride: 4 })(rampClip(98, 2, 2)).shape[1]).toBe(25);
    expect(f).toHaveBeenCalledTimes(3);
  });

  it('gives the same for an encoder whose stride was not said', () => {
    const clip = rampClip(34, 2, 2);
    expectSame(temporallyTiled(encoder, { tileFrames: 33 })(clip), encoder(clip));
  });

  it('refuses tiles without an overlap before it is given a clip', () => {
    expect(() => temporallyTiled(encoder, { tileFrames: 1 })).toThrow(ConfigError);
    expect(() => temporallyTiled(encoder, { tileFrames: 8, temporalStride: 4 })).toThrow(/has 8 \(try 9\)/);
  });

  it('leaves nothing behind but its output, and nothing at all on failure', () => {
    const clip = rampClip(97, 2, 2);
    const tensors = memory().numTensors;
    let calls = 0;
    const failing = (tile: Tensor5D) => {
      calls += 1;
      if (calls === 3) throw new Error('out of memory');
      return encoder(tile);
    };
    expect(() => temporallyTiled(failing, { tileFrames: 33, temporalStride: 4 })(clip)).toThrow('out of memory');
    expect(memory().numTensors).toBe(tensors);
    temporallyTiled(encoder, { tileFrames: 33, temporalStride: 4 })(clip);
    expect(memory().numTensors).toBe(tensors + 1);
  });
});
