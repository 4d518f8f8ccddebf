import { describe, expect, it } from 'vitest';

import type { PickleValue } from './pickle-value.ts';
import { TorchStorage, TorchTensorRecord } from './torch-tensor-record.ts';
import { torchState } from './torch-state.ts';

const tensor = new TorchTensorRecord(new TorchStorage('0', 'F32', 1), 'F32', [0, [1], [1]]);
const dict = (entries: Record<string, PickleValue>): Map<PickleValue, PickleValue> => new Map(Object.entries(entries));

const training = dict({
  epoch: 3,
  state_dict: dict({ gen_model: dict({ a: tensor }), dics_model: dict({ d: tensor }) }),
  ema_state_dict: dict({ 'module.a': tensor }),
});

describe('torchState', () => {
  it('takes the averaged weights of a training checkpoint', () => {
    expect(torchState(training, true, 'x')).toMatchObject({ part: 'ema_state_dict', ignored: ['epoch', 'state_dict'] });
  });

  it('takes the trained weights where the averaged ones are not wanted, or empty', () => {
    const expected = { part: 'state_dict.gen_model', ignored: ['epoch', 'ema_state_dict', 'state_dict.dics_model'] };
    expect(torchState(training, false, 'x')).toMatchObject(expected);
    const empty = new Map(training).set('ema_state_dict', new Map());
    expect(torchState(empty, true, 'x')).toMatchObject(expected);
  });

  it('takes a plain state_dict, and a plain dict', () => {
    const plain = dict({ a: tensor, note: 'text' });
    expect(torchState(dict({ state_dict: plain }), true, 'x')).toMatchObject({
      part: 'state_dict',
      ignored: ['state_dict.note'],
    });
    const all = torchState(plain, true, 'x');
    expect(all).toMatchObject({ part: 'all', ignored: ['note'] });
    expect([...all.records.keys()]).toEqual(['a']);
  });

  const weights = (prefix = '') => dict({ [`${prefix}encoder.down.0.a`]: tensor });

  it.each<[Record<string, PickleValue>, string]>([
    [{ model: weights(), optimizer: dict({ state: dict({ x: tensor }) }) }, 'model'],
    [{ model_state_dict: weights('_orig_mod.') }, 'model_state_dict'],
    [{ state_dict: weights('vae.'), callbacks: dict({}) }, 'state_dict'],
    [{ module: weights(), dp_world_size: 1 }, 'module'],
    [{ net: dict({ vae: weights(), text: dict({ a: tensor }) }) }, 'net.vae'],
    [{ state_dict: weights(), model_ema: weights('module.') }, 'model_ema'],
    [{ model: weights(), state_dict: weights() }, 'state_dict'],
  ])('finds the dict of an autoencoder in %#', (root, part) => {
    expect(torchState(dict(root), true, 'x')).toMatchObject({ part });
    expect(torchState(dict(root), false, 'x').part).toBe(part === 'model_ema' ? 'state_dict' : part);
  });

  it('refuses several autoencoders without a clear choice', () => {
    expect(() => torchState(dict({ g: weights(), t: weights() }), true, 'x.pt')).toThrow(
      'x.pt has 2 dicts of an autoencoder\'s weights: "g", "t"; save one of them alone.',
    );
  });

  it('refuses what holds no tensors', () => {
    expect(() => torchState([tensor], true, 'x.pt')).toThrow(
      'x.pt must hold a dict of tensors, but holds something else.',
    );
    expect(() => torchState(dict({ a: 1 }), true, 'x.pt')).toThrow('x.pt has no tensors in its dict, only "a".');
    expect(() => torchState(dict({ state_dict: dict({}) }), true, 'x.pt')).toThrow(
      'x.pt has no tensors in state_dict, only nothing.',
    );
  });
});
