import { CheckpointError, disposeParams } from '@od-vae/core';
import { goldenWeight, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { tinyConfig, tinySource } from '../fixtures/tiny-model.ts';
import { assertFits, exportOdVaeParams, loadOdVaeParams } from './load.ts';
import { storedParams } from './names.ts';
import { odVaeSpec } from './od-vae.ts';

useBackend('cpu');
useLeakGuard();

const config = tinyConfig();
const stored = storedParams(odVaeSpec(config));
const spare = { shape: [1], float32: async () => new Float32Array(1) };

describe('loadOdVaeParams', () => {
  it('puts every weight where its name says, channels last', async () => {
    const params = await loadOdVaeParams(tinySource(config), config);
    expect(memory().numTensors).toBe(stored.length);
    const exported = exportOdVaeParams(params, config);
    expect(exported.map(({ name }) => name)).toEqual(stored.map(({ name }) => name));
    for (const { name, shape, dtype, float32, bytes } of exported) {
      expect(await float32()).toEqual(goldenWeight(name, shape));
      expect(dtype).toBe('F32');
      expect(new Float32Array((await bytes()).slice().buffer)).toEqual(goldenWeight(name, shape));
    }
    disposeParams(params);
  });

  it('tells how far it is, weight by weight', async () => {
    const seen: unknown[] = [];
    disposeParams(await loadOdVaeParams(tinySource(config), config, { onProgress: (progress) => seen.push(progress) }));
    expect(seen).toHaveLength(stored.length);
    expect(seen[0]).toEqual({ phase: 'load', done: 1, total: stored.length });
    expect(seen.at(-1)).toEqual({ phase: 'load', done: stored.length, total: stored.length });
  });

  it('passes over what belongs to a loss', async () => {
    const source = tinySource(config);
    source.tensors.set('loss.discriminator.main.0.weight', spare);
    disposeParams(await loadOdVaeParams(source, config));
  });

  it('frees what it has loaded when a weight cannot be read', async () => {
    const source = tinySource(config);
    source.tensors.set(stored[5]!.name, {
      shape: stored[5]!.shape,
      float32: () => Promise.reject(new Error('the disk is gone')),
    });
    await expect(loadOdVaeParams(source, config)).rejects.toThrow('the disk is gone');
    expect(memory().numTensors).toBe(0);
  });

  it('ends with the reason of its signal, and frees what it has loaded', async () => {
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done === 4) controller.abort(new Error('enough'));
    };
    const loading = loadOdVaeParams(tinySource(config), config, { onProgress, signal: controller.signal });
    await expect(loading).rejects.toThrow('enough');
    expect(memory().numTensors).toBe(0);
  });

  it('ends with what its listener throws, and frees what it has loaded', async () => {
    const onProgress = ({ done }: { done: number }) => {
      if (done === 3) throw new Error('no listener');
    };
    await expect(loadOdVaeParams(tinySource(config), config, { onProgress })).rejects.toThrow('no listener');
    expect(memory().numTensors).toBe(0);
  });

  it.each([Number.NaN, -Infinity])('refuses a weight with %d in it, and frees what it has loaded', async (value) => {
    const source = tinySource(config);
    const { shape } = source.tensors.get('encoder.conv_out.conv.bias')!;
    const float32 = async () => new Float32Array(shape[0]!).fill(value, 1, 2);
    source.tensors.set('encoder.conv_out.conv.bias', { shape, float32 });
    await expect(loadOdVaeParams(source, config)).rejects.toThrow(
      `"encoder.conv_out.conv.bias" must hold finite numbers, but has ${value} at 1 of ${shape[0]}.`,
    );
    expect(memory().numTensors).toBe(0);
  });

  it('refuses weights that do not fit before it reads one', async () => {
    const source = tinySource(config);
    let reads = 0;
    const counting = async () => {
      reads += 1;
      return new Float32Array(1);
    };
    for (const [name, { shape }] of source.tensors) source.tensors.set(name, { shape, float32: counting });
    source.tensors.delete('quant_conv.conv.bias');
    await expect(loadOdVaeParams(source, config)).rejects.toThrow(CheckpointError);
    expect(reads).toBe(0);
  });
});

describe('assertFits', () => {
  it('describes what a checkpoint holds that has its weights under a prefix', () => {
    const { label, tensors } = tinySource(config);
    const prefixed = new Map(Array.from(tensors, ([name, tensor]) => [`net.${name}`, tensor]));
    expect(() => assertFits({ label, tensors: prefixed }, config)).toThrow(
      new RegExp(`but ${stored.length} are missing: .*; it holds ${stored.length} tensors: "net\\.(?:en|de)coder" \\(`),
    );
    expect(() => assertFits({ label, tensors: new Map() }, config)).toThrow('it holds no tensors.');
  });

  it('says nothing where everything fits', () => {
    expect(() => assertFits(tinySource(config), config)).not.toThrow();
  });

  it.each<[string, (tensors: ReturnType<typeof tinySource>['tensors']) => void, string]>([
    [
      'lacks a weight',
      (tensors) => tensors.delete('encoder.conv_in.bias'),
      `tiny.safetensors: the model needs ${stored.length} weights, but 1 is missing: "encoder.conv_in.bias".`,
    ],
    [
      'has weights of another model',
      (tensors) => ['a', 'b', 'c', 'd'].forEach((name) => tensors.set(name, spare)),
      'tiny.safetensors: has 4 weights the model does not use: "a", "b", "c" and 1 more.',
    ],
    [
      'has a weight of another shape',
      (tensors) => tensors.set('post_quant_conv.conv.weight', { ...spare, shape: [4, 4, 1, 1] }),
      'tiny.safetensors: "post_quant_conv.conv.weight" is [4,4,1,1], but the model needs [4,4,1,1,1].',
    ],
    [
      'has a weight of another width',
      (tensors) => tensors.set('quant_conv.conv.bias', { ...spare, shape: [4] }),
      'tiny.safetensors: "quant_conv.conv.bias" is [4], but the model needs [8].',
    ],
  ])('refuses a checkpoint that %s', (_, spoil, sentence) => {
    const source = tinySource(config);
    spoil(source.tensors);
    expect(() => assertFits(source, config)).toThrow(new CheckpointError(sentence));
  });
});
