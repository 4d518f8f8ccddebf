import { describe, expect, it } from 'vitest';

import { trimNames } from './trim-names.ts';

const trim = (
  names: string[],
  useEma = true,
): { own: string[]; module: string | undefined; ignored: readonly string[] } => {
  const { names: own, module, ignored } = trimNames(names, { useEma, label: 'x.ckpt' });
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

  it.each(['first_stage_model', 'vae'])('takes %s out of a larger model, and keeps the loss', (module) => {
    const names = [`${module}.encoder.a`, 'model.diffusion_model.b', 'cond_stage_model.c', `${module}.loss.d`];
    expect(trim(names)).toEqual({ own: ['encoder.a', 'loss.d'], module, ignored: names.slice(1, 3) });
  });

  it('keeps the loss and leaves other modules out', () => {
    const others = ['model_ema.decay', 'cond_stage_model.x', 'n_averaged'];
    const own = ['encoder.a', 'loss.discriminator.main.0.weight'];
    expect(trim([...own, ...others])).toEqual({ own, module: undefined, ignored: others });
  });

  it.each([
    'module.',
    '_orig_mod.',
    'module._orig_mod.',
    '_orig_mod.module.',
    '_forward_module.',
    '_fsdp_wrapped_module._checkpoint_wrapped_module.',
  ])('removes the wrapper %s at any depth', (prefix) => {
    const names = [`${prefix}encoder.down.0.a`, `encoder.${prefix}mid.b`, `decoder.up.${prefix}0.c`];
    const own = ['encoder.down.0.a', 'encoder.mid.b', 'decoder.up.0.c'];
    expect(trim(names)).toEqual({ own, module: undefined, ignored: [] });
  });

  it.each([
    ['ema_model.', 'ema_model'],
    ['model.', 'model'],
    ['student.vae._orig_mod.', 'student.vae'],
    ['module.model.first_stage_model.', 'model.first_stage_model'],
    ['_forward_module.autoencoder.module.', 'autoencoder'],
  ])('takes an autoencoder under %s', (prefix, module) => {
    const names = [`${prefix}encoder.down.0.a`, `${prefix}quant_conv.b`, 'text_model.encoder.layers.0.c', 'loss.d'];
    const own = ['encoder.down.0.a', 'quant_conv.b', 'loss.d'];
    expect(trim(names)).toEqual({ own, module, ignored: names.slice(2, 3) });
  });

  it('takes EMA weights beside others only where they are wanted', () => {
    const names = ['initted', 'online_model.decoder.up.0.a', 'ema_model.decoder.up.0.a'];
    expect(trim(names, true)).toMatchObject({ module: 'ema_model', ignored: names.slice(0, 2) });
    expect(trim(names, false)).toMatchObject({ module: 'online_model', ignored: [names[0], names[2]] });
    const plain = ['decoder.up.0.a', 'ema.decoder.up.0.a'];
    expect(trim(plain, false)).toEqual({ own: [plain[0]], module: undefined, ignored: [plain[1]] });
  });

  it('leaves the names of several autoencoders as they are', () => {
    const names = ['generator.decoder.up.0.a', 'teacher.decoder.up.0.a'];
    expect(trim(names)).toEqual({ own: names, module: undefined, ignored: [] });
  });

  it('refuses two names that become one', () => {
    expect(() => trim(['module.encoder.a', 'encoder.a'])).toThrow(
      'x.ckpt: "module.encoder.a" and "encoder.a" are both "encoder.a".',
    );
  });

  it('refuses flattened parameters', () => {
    expect(() => trim(['encoder._fsdp_wrapped_module._flat_param'])).toThrow(
      'x.ckpt: "encoder._fsdp_wrapped_module._flat_param" contains flattened parameters of FSDP',
    );
  });
});
