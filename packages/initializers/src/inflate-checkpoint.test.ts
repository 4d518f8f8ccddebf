import { CheckpointError } from '@od-vae/core/base';
import { goldenWeight } from '@od-vae/test-utils';
import { describe, expect, it } from 'vitest';

import { sdVae, targetsOf, UNTRAINED, VIDEO_MODELS } from '../fixtures/published.ts';
import { imageName, inflateCheckpoint } from './inflate-checkpoint.ts';
import { averageInflation, diracKernel, tailInflation } from './inflation.ts';

const VARIANT_4 = 'v1.2.0_ODVAE_variant4';
const isNew = (name: string) => name.includes('.time_');

describe('imageName', () => {
  it.each([
    ['encoder.conv_in.weight', 'encoder.conv_in.weight'],
    ['decoder.conv_in.conv.bias', 'decoder.conv_in.bias'],
    ['encoder.down.0.downsample.conv.weight', 'encoder.down.0.downsample.conv.weight'],
    ['decoder.up.2.upsample.conv.conv.weight', 'decoder.up.2.upsample.conv.weight'],
    ['encoder.mid.attn_1.q.conv.weight', 'encoder.mid.attn_1.q.weight'],
    ['decoder.up.1.block.0.nin_shortcut.conv.bias', 'decoder.up.1.block.0.nin_shortcut.bias'],
    ['encoder.norm_out.weight', 'encoder.norm_out.weight'],
    ['quant_conv.conv.weight', 'quant_conv.weight'],
  ])('of %s is %s', (name, image) => {
    expect(imageName(name)).toBe(image);
  });

  it.each(VIDEO_MODELS)('meets each of the 248 weights of SD-VAE once (%s)', (model) => {
    const names = targetsOf(model)
      .map(({ name }) => name)
      .filter((name) => !isNew(name));
    expect(names.map(imageName).toSorted()).toEqual([...sdVae().tensors.keys()].toSorted());
    expect(names).toHaveLength(248);
  });
});

describe('inflateCheckpoint', () => {
  it.each(VIDEO_MODELS)('gives every weight of %s its name and shape, in order', (model) => {
    const targets = targetsOf(model);
    const { tensors } = inflateCheckpoint(sdVae(), targets);
    expect([...tensors].map(([name, { shape }]) => ({ name, shape }))).toEqual(
      targets.map(({ name, shape }) => ({ name, shape })),
    );
  });

  it.each([
    ['tail', tailInflation],
    ['average', averageInflation],
  ] as const)('inflates what gains taps and copies the rest (%s)', async (method, inflation) => {
    const inflated = inflateCheckpoint(sdVae(), targetsOf(VARIANT_4), { method });
    for (const [name, tensor] of inflated.tensors) {
      const [out, channels, time, height, width] = tensor.shape as [number, number, number, number, number];
      const image = sdVae().tensors.get(imageName(name))!;
      const size = { channels: out * channels, time, area: height * width };
      const source = goldenWeight(imageName(name), image.shape);
      expect(await tensor.float32()).toEqual(tensor.shape.length === 5 ? inflation(source, size) : source);
    }
  });

  it('is tail initialization unless told otherwise, and says which it is', async () => {
    const name = 'decoder.conv_out.conv.weight';
    const [usual, tail] = [{}, { method: 'tail' } as const].map((options) =>
      inflateCheckpoint(sdVae(), targetsOf(VARIANT_4), options),
    );
    expect(usual!.label).toBe('sd.ckpt (tail initialization)');
    expect(await usual!.tensors.get(name)!.float32()).toEqual(await tail!.tensors.get(name)!.float32());
  });

  it('starts kernels that gain taps as noise of a seed when they are random, and copies the rest', async () => {
    const values = (name: string, seed: number) =>
      inflateCheckpoint(sdVae(), targetsOf(VARIANT_4), { method: 'random', seed }).tensors.get(name)!.float32();
    const kernel = 'decoder.conv_out.conv.weight';
    expect(await values(kernel, 1)).toEqual(await values(kernel, 1));
    expect(await values(kernel, 1)).not.toEqual(await values(kernel, 2));
    const pointwise = 'encoder.mid.attn_1.q.conv.weight';
    expect(await values(pointwise, 1)).toEqual(goldenWeight(imageName(pointwise), [16, 16, 1, 1]));
  });

  it('does not depend on the order in which random weights are read', async () => {
    const names = ['decoder.conv_in.conv.weight', 'decoder.conv_out.conv.weight'];
    const inOrder = inflateCheckpoint(sdVae(), targetsOf(VARIANT_4), { method: 'random', seed: 3 }).tensors;
    const reversed = inflateCheckpoint(sdVae(), targetsOf(VARIANT_4), { method: 'random', seed: 3 }).tensors;
    const first = [await inOrder.get(names[0]!)!.float32(), await inOrder.get(names[1]!)!.float32()];
    const last = await reversed.get(names[1]!)!.float32();
    expect([await reversed.get(names[0]!)!.float32(), last]).toEqual(first);
  });

  it('gives a weight the same values however often it is read', async () => {
    const { tensors } = inflateCheckpoint(sdVae(), targetsOf(VARIANT_4), { method: 'random' });
    const kernel = tensors.get('decoder.conv_in.conv.weight')!;
    expect(await kernel.float32()).toEqual(await kernel.float32());
  });

  it('starts the time resamplers of release v1.1 so that they pass frames on', async () => {
    const { tensors } = inflateCheckpoint(sdVae(), targetsOf('v1.1.0'));
    const fresh = [...tensors].filter(([name]) => isNew(name));
    expect(fresh).toHaveLength(12);
    for (const [name, tensor] of fresh) {
      const values = await tensor.float32();
      if (name.endsWith('mix_factor')) expect([...values]).toEqual([UNTRAINED]);
      else if (name.endsWith('bias')) expect(values.every((value) => value === 0)).toBe(true);
      else expect(values).toEqual(diracKernel(tensor.shape[0]!, 3, 3, 3));
    }
  });

  it('takes attention weights as [out, in] too', async () => {
    const source = sdVae();
    const name = 'encoder.mid.attn_1.k.weight';
    const linear = { ...source.tensors.get(name)!, shape: [16, 16] };
    source.tensors.set(name, linear);
    const inflated = inflateCheckpoint(source, targetsOf(VARIANT_4)).tensors.get('encoder.mid.attn_1.k.conv.weight')!;
    expect(inflated.shape).toEqual([16, 16, 1, 1, 1]);
    expect(await inflated.float32()).toEqual(await linear.float32());
  });

  it('reads nothing until it is asked to', () => {
    const source = sdVae();
    for (const [name, { shape }] of source.tensors) {
      source.tensors.set(name, {
        shape,
        float32: () => {
          throw new Error(`${name} was read`);
        },
      });
    }
    expect(() => inflateCheckpoint(source, targetsOf('v1.1.0'))).not.toThrow();
  });

  it.each<[string, (tensors: ReturnType<typeof sdVae>['tensors']) => void, string]>([
    [
      'a counterpart is missing',
      (tensors) => tensors.delete('decoder.conv_in.weight'),
      'sd.ckpt: "decoder.conv_in.conv.weight" is initialized from "decoder.conv_in.weight", which is missing.',
    ],
    [
      'a weight is spare',
      (tensors) => tensors.set('encoder.extra', tensors.get('quant_conv.bias')!),
      'sd.ckpt: the model has no place for 1 weight: "encoder.extra".',
    ],
    [
      'a kernel has another size',
      (tensors) =>
        tensors.set('decoder.conv_in.weight', { ...tensors.get('decoder.conv_in.weight')!, shape: [16, 4, 5, 5] }),
      'sd.ckpt: "decoder.conv_in.weight" is [16,4,5,5], but the model needs [16,4,3,3].',
    ],
    [
      'a vector has another size',
      (tensors) => tensors.set('quant_conv.bias', { ...tensors.get('quant_conv.bias')!, shape: [4] }),
      'sd.ckpt: "quant_conv.bias" is [4], but the model needs [8].',
    ],
    [
      'a linear weight stands for a 3x3 kernel',
      (tensors) => tensors.set('encoder.conv_in.weight', { ...tensors.get('encoder.conv_in.weight')!, shape: [4, 27] }),
      'sd.ckpt: "encoder.conv_in.weight" is [4,27], but the model needs [4,3,3,3].',
    ],
  ])('refuses when %s', (_, spoil, sentence) => {
    const source = sdVae();
    spoil(source.tensors);
    expect(() => inflateCheckpoint(source, targetsOf(VARIANT_4))).toThrow(new CheckpointError(sentence));
  });
});
