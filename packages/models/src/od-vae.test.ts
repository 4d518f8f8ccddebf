import '@tensorflow/tfjs-layers';
import { disposeParams, paramTensors, ShapeError, sliceFrames } from '@od-vae/core';
import { largestDifference, noiseClip, onBackend, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { concat, grads, memory, split, square, sum, type Tensor5D, zeros } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sdVae, tinyConfig, tinyParams } from '../fixtures/tiny-model.ts';
import {
  decode,
  decodeHidden,
  decodePixels,
  decodeSteps,
  encode,
  encodeSteps,
  type OdVaeParams,
  strides,
} from './od-vae.ts';
import { releases, variants } from './presets.ts';

useBackend('cpu');
useLeakGuard();

/** Sums through a dozen layers. */
const FLOAT32 = 2e-5;

const config = tinyConfig();
let params: OdVaeParams;
beforeAll(() => {
  params = tinyParams(config);
});
afterAll(() => disposeParams(params));

const clip = (frames: number, height = 16, width = 16): Tensor5D => noiseClip('clip', [1, frames, height, width, 3]);
const latents = (frames: number): Tensor5D => noiseClip('latents', [1, frames, 2, 2, 4]);

function collect(steps: Generator<number, Tensor5D, undefined>): { parts: number[]; result: Tensor5D } {
  const parts: number[] = [];
  let step = steps.next();
  for (; !step.done; step = steps.next()) parts.push(step.value);
  return { parts, result: step.value };
}

describe('encode', () => {
  it.each([
    [1, 1],
    [2, 1],
    [4, 1],
    [5, 2],
    [6, 2],
    [8, 2],
    [9, 3],
  ])('makes %i frames %i latent frames', (time, expected) => {
    scoped(() => expect(encode(params, clip(time), config).shape).toEqual([1, expected, 2, 2, 8]))();
  });

  it(
    'takes several samples of any size that is a multiple of 8, each by itself',
    scoped(() => {
      const pair = noiseClip('pair', [2, 5, 16, 24, 3]);
      const moments = encode(params, pair, config);
      expect(moments.shape).toEqual([2, 2, 2, 3, 8]);
      const samples = split<Tensor5D>(pair, 2, 0).map((sample) => encode(params, sample, config));
      expect(largestDifference(moments.dataSync(), concat(samples, 0).dataSync())).toBeLessThan(FLOAT32);
    }),
  );

  it(
    'does not let a later frame change an earlier latent, but through the norms',
    scoped(() => {
      // A constant frame that is repeated changes no mean and no variance: with a still clip the norms cannot tell.
      const image = clip(1);
      const still = (frames: number) => concat<Tensor5D>(Array<Tensor5D>(frames).fill(image), 1);
      const [short, long] = [encode(params, still(5), config), encode(params, still(9), config)];
      expect(largestDifference(sliceFrames(long, 0, 2).dataSync(), short.dataSync())).toBeLessThan(FLOAT32);
      const alone = encode(params, image, config);
      expect(largestDifference(sliceFrames(long, 0, 1).dataSync(), alone.dataSync())).toBeLessThan(FLOAT32);
    }),
  );

  it('agrees on the wasm backend', async () => {
    const run = () => {
      let values: Float32Array | undefined;
      scoped(() => {
        const moments = encode(tinyParams(config), clip(5), config);
        values = Float32Array.from(moments.dataSync());
      })();
      return values!;
    };
    expect(largestDifference(await onBackend('wasm', run), run())).toBeLessThan(FLOAT32);
  });

  it.each([
    [[1, 1, 16, 16, 4], 'encode: needs [batch, time, height, width, 3], but the clip is [1,1,16,16,4].'],
    [
      [1, 16, 16, 3],
      'encode: needs [batch, time, height, width, 3], but the clip is [1,16,16,3]. Add the batch axis: expandDims(0).',
    ],
    [[1, 1, 16, 7, 3], 'encode: height and width must be at least 8, but the clip is [1,1,16,7,3].'],
  ] as [number[], string][])('refuses a clip %j', (shape, sentence) => {
    scoped(() => {
      expect(() => encode(params, zeros(shape as Tensor5D['shape']), config)).toThrow(new ShapeError(sentence));
    })();
  });

  it('leaves nothing behind but its output', () => {
    const x = clip(5);
    const before = memory().numTensors;
    const moments = encode(params, x, config);
    expect(memory().numTensors).toBe(before + 1);
    for (const tensor of [moments, x]) tensor.dispose();
  });
});

describe('decode', () => {
  it.each([
    [1, 1],
    [2, 5],
    [3, 9],
  ])('makes %i latent frames %i frames', (time, expected) => {
    scoped(() => expect(decode(params, latents(time), config).shape).toEqual([1, expected, 16, 16, 3]))();
  });

  it(
    'resizes trilinearly unless asked for nearest, which differs',
    scoped(() => {
      const z = latents(2);
      const usual = decode(params, z, config);
      const trilinear = decode(params, z, config, { spatialUpsample: 'trilinear' });
      const nearest = decode(params, z, config, { spatialUpsample: 'nearest' });
      expect(usual.dataSync()).toEqual(trilinear.dataSync());
      expect(nearest.shape).toEqual(usual.shape);
      expect(largestDifference(usual.dataSync(), nearest.dataSync())).toBeGreaterThan(0.01);
    }),
  );

  it(
    'refuses latents of other channels',
    scoped(() => {
      expect(() => decode(params, zeros([1, 1, 2, 2, 8]), config)).toThrow(
        new ShapeError('decode: needs [batch, time, height, width, 4], but the latents are [1,1,2,2,8].'),
      );
    }),
  );

  it('leaves nothing behind but its output', () => {
    const z = latents(2);
    const before = memory().numTensors;
    const rebuilt = decode(params, z, config);
    expect(memory().numTensors).toBe(before + 1);
    for (const tensor of [rebuilt, z]) tensor.dispose();
  });
});

describe('decodePixels', () => {
  it(
    'after decodeHidden is decode',
    scoped(() => {
      const hidden = decodeHidden(params, latents(2), config);
      const pixels = decodePixels(params.decoder.convOut, hidden, config);
      expect(pixels.dataSync()).toEqual(decode(params, latents(2), config).dataSync());
    }),
  );
});

describe('checkpointing', () => {
  function gradients(checkpointing: boolean): { kept: number; values: number[][] } {
    let kept = 0;
    const small = noiseClip('small', [1, 5, 8, 8, 3]);
    const f = () => {
      const moments = encode(params, small, config, { checkpointing });
      const [mean] = split<Tensor5D>(moments, 2, 4);
      const loss = sum(square(decode(params, mean!, config, { checkpointing })));
      kept = memory().numTensors;
      return loss;
    };
    const all = grads(f)(paramTensors(params));
    return { kept, values: all.map((gradient) => [...gradient.dataSync()]) };
  }

  it(
    'changes no gradient and keeps fewer tensors',
    scoped(() => {
      const [plain, again] = [gradients(false), gradients(true)];
      expect(again.values).toEqual(plain.values);
      expect(again.kept).toBeLessThan(plain.kept / 3);
    }),
  );
});

describe.each([
  [
    'encodeSteps',
    () => clip(5),
    (x: Tensor5D) => encodeSteps(params, x, config),
    (x: Tensor5D) => encode(params, x, config),
  ],
  [
    'decodeSteps',
    () => latents(2),
    (x: Tensor5D) => decodeSteps(params, x, config),
    (x: Tensor5D) => decode(params, x, config),
  ],
] as const)('%s', (_, input, start, atOnce) => {
  it(
    'gives the same as at once, with a part of the work that grows to 1',
    scoped(() => {
      const { parts, result } = collect(start(input()));
      expect(result.dataSync()).toEqual(atOnce(input()).dataSync());
      expect(parts.length).toBeGreaterThan(8);
      expect(parts[0]).toBeGreaterThan(0);
      for (const [index, part] of parts.slice(1).entries()) expect(part).toBeGreaterThan(parts[index]!);
      expect(parts.at(-1)).toBeCloseTo(1, 10);
    }),
  );

  it('frees all but its input when it is ended early', () => {
    const x = input();
    const before = memory().numTensors;
    const steps = start(x);
    for (let step = 0; step < 4; step++) steps.next();
    expect(memory().numTensors).toBe(before + 1);
    steps.return(undefined as never);
    expect(memory().numTensors).toBe(before);
    x.dispose();
  });
});

describe.each([
  ['variant 1', variants[1]],
  ['variant 2', variants[2]],
  ['variant 3', variants[3]],
  ['release v1.0', releases['v1.0']],
  ['release v1.1', releases['v1.1']],
  ['SD-VAE', sdVae],
] as const)('%s', (_, official) => {
  it(
    'encodes and decodes a clip to the shape that it had',
    scoped(() => {
      const other = tinyConfig(official);
      const weights = tinyParams(other);
      const moments = encode(weights, clip(5), other);
      const { time, space } = strides(other);
      expect(moments.shape).toEqual([1, 1 + 4 / time, 16 / space, 16 / space, 8]);
      const z = noiseClip('z', [...moments.shape.slice(0, 4), 4] as Tensor5D['shape']);
      expect(decode(weights, z, other).shape).toEqual([1, 5, 16, 16, 3]);
    }),
  );
});

describe('a config without quantization layers', () => {
  it(
    'has latents as wide as what the decoder reads',
    scoped(() => {
      const bare = tinyConfig(variants[4], { use_quant_layer: false, z_channels: 6 });
      const weights = tinyParams(bare);
      expect(weights.quant).toBeUndefined();
      expect(encode(weights, clip(1), bare).shape).toEqual([1, 1, 2, 2, 12]);
      expect(decode(weights, zeros([1, 1, 2, 2, 6]), bare).shape).toEqual([1, 1, 16, 16, 3]);
    }),
  );
});

describe('a config with attention in its levels', () => {
  it(
    'runs one after every residual block',
    scoped(() => {
      const attentive = tinyConfig(variants[4], { resolution: 16, attn_resolutions: [4] });
      const weights = tinyParams(attentive);
      expect(weights.encoder.levels.map(({ attentions }) => attentions.length)).toEqual([0, 0, 1, 0]);
      expect(weights.decoder.levels.map(({ attentions }) => attentions.length)).toEqual([0, 0, 2, 0]);
      expect(encode(weights, clip(5), attentive).shape).toEqual([1, 2, 2, 2, 8]);
      expect(decode(weights, latents(2), attentive).shape).toEqual([1, 5, 16, 16, 3]);
    }),
  );
});
