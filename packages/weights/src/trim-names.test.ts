import { describe, expect, it } from 'vitest';

import { trimNames } from './trim-names.ts';

const trim = (
  names: string[],
  ema = false,
): { own: string[]; module: string | undefined; ignored: readonly string[] } => {
  const { names: own, module, ignored } = trimNames(names, { ema, label: 'x.ckpt' });
  return { own: [...own.keys()], module, ignored };
};

describe('trimNames', () => {
  it('leaves plain names as they are', () => {
    expect(trim(['encoder.a', 'quant_conv.b'])).toEqual({
      own: ['encoder.a', 'quant_conv.b'],
      module: undefined,
      ignored: [],
    });
  });

  it.each(['first_stage_model', 'vae'])('takes %s out of a larger model', (module) => {
    const names = [`${module}.encoder.a`, 'model.diffusion_model.b', 'cond_stage_model.c', `${module}.loss.d`];
    expect(trim(names)).toEqual({ own: ['encoder.a'], module, ignored: names.slice(1) });
  });

  it('leaves losses and other modules out', () => {
    const others = ['loss.discriminator.main.0.weight', 'model_ema.decay', 'cond_stage_model.x'];
    expect(trim(['encoder.a', ...others])).toEqual({ own: ['encoder.a'], module: undefined, ignored: others });
  });

  it('takes the prefix of data-parallel training away when every name has it', () => {
    expect(trim(['module.encoder.a', 'module.decoder.b']).own).toEqual(['encoder.a', 'decoder.b']);
    expect(trim(['module.encoder.a', 'decoder.b']).own).toEqual(['module.encoder.a', 'decoder.b']);
  });

  it('deletes every "module." of an EMA copy', () => {
    expect(trim(['module.encoder.module.a', 'decoder.b'], true).own).toEqual(['encoder.a', 'decoder.b']);
  });

  it('refuses two names that become one', () => {
    expect(() => trim(['module.encoder.a', 'encoder.a'], true)).toThrow(
      'x.ckpt: "module.encoder.a" and "encoder.a" are both "encoder.a".',
    );
  });
});
