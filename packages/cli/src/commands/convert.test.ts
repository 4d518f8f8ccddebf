import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { averageInflation, tailInflation } from '@od-vae/initializers';
import { openCheckpoint, type WritableTensor, writeSafetensors } from '@od-vae/weights';
import { describe, expect, it } from 'vitest';

import { parseReport, runHere } from '../../fixtures/command.ts';
import { checkpoint, temporaryFolder } from '../../fixtures/files.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const WEIGHTS = 'diffusion_pytorch_model.safetensors';

async function convert(...argv: string[]): Promise<Record<string, unknown>> {
  const outcome = await runHere(['convert', ...argv, '--json']);
  expect(outcome.code, outcome.stderr).toBe(0);
  return parseReport(outcome);
}

async function valuesIn(path: string, name: string): Promise<Float32Array> {
  const opened = await openCheckpoint(path);
  try {
    return await opened.tensors.get(name)!.float32();
  } finally {
    await opened.close();
  }
}

/** Compares files as a whole: `toEqual` would look at every byte by itself. */
function sameBytes(one: string, other: string): boolean {
  return readFileSync(one).equals(readFileSync(other));
}

describe('od-vae convert', () => {
  it.each(['diffusers', 'compvis'])('comes back from %s byte for byte', async (family) => {
    const [start, away, back] = [at(`${family}-1/`), at(`${family}-2/`), at(`${family}-3/`)];
    const first = await convert(checkpoint('osp-training.ckpt'), start);
    expect(first).toMatchObject({
      family: 'open-sora-plan',
      part: 'ema_state_dict',
      tensors: 176,
      parameters: 965_991,
    });
    expect(await convert(start, away, '--to', family)).toMatchObject({ family, tensors: 176 });
    await convert(away, back, '--to', 'open-sora-plan');
    expect(sameBytes(join(away, WEIGHTS), join(start, WEIGHTS))).toBe(false);
    for (const file of [WEIGHTS, 'config.json']) {
      expect(sameBytes(join(back, file), join(start, file)), file).toBe(true);
    }
    expect(JSON.parse(readFileSync(join(start, 'config.json'), 'utf8'))).toEqual(
      JSON.parse(readFileSync(checkpoint('config.json'), 'utf8')),
    );
  });

  /** The weights of a checkpoint under other names. */
  async function writeRenamed(path: string, rename: (name: string) => readonly string[]): Promise<void> {
    await using source = await openCheckpoint(checkpoint('osp-training.ckpt'));
    const tensors = [...source.tensors.values()].flatMap((tensor): WritableTensor[] =>
      rename(tensor.name).map((name) => ({ ...tensor, name })),
    );
    await writeSafetensors(path, tensors);
  }

  it('writes the names of the model where the source has those of wrappers', async () => {
    await writeRenamed(at('wrapped.safetensors'), (name) => [`model._orig_mod.vae.module.${name}`]);
    await convert(at('wrapped.safetensors'), at('plain.safetensors'));
    await convert(checkpoint('osp-training.ckpt'), at('expected.safetensors'));
    await using plain = await openCheckpoint(at('plain.safetensors'));
    await using expected = await openCheckpoint(at('expected.safetensors'));
    expect([...plain.tensors.keys()].toSorted()).toEqual([...expected.tensors.keys()].toSorted());
    expect(plain.part).toBe('all');
  });

  it('refuses names that no loader finds, and writes nothing', async () => {
    await writeRenamed(at('two.safetensors'), (name) => [`student.${name}`, `teacher.${name}`]);
    const outcome = await runHere(['convert', at('two.safetensors'), at('refused.safetensors')]);
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toContain('it holds 352 tensors: "student" (176), "teacher" (176); save the model');
    expect(existsSync(at('refused.safetensors'))).toBe(false);
  });

  it('replaces a model of a folder as a whole, so that loaders find the new one', async () => {
    await convert(checkpoint('osp-training.ckpt'), at('again/'));
    writeFileSync(at('again/README.md'), 'kept');
    await convert(checkpoint('osp-training.ckpt'), at('again/'), '--shard-size', '1MB', '--no-ema');
    const names = readdirSync(at('again'));
    expect(names).toContain('README.md');
    expect(names).not.toContain(WEIGHTS);
    await convert(checkpoint('osp-training.ckpt'), at('again/'), '--dtype', 'f16');
    expect(readdirSync(at('again')).toSorted()).toEqual(['README.md', 'config.json', WEIGHTS]);
  });

  it('refuses a folder whose .ckpt would be loaded instead', async () => {
    mkdirSync(at('taken'));
    copyFileSync(checkpoint('osp-no-ema.ckpt'), at('taken/old.ckpt'));
    const outcome = await runHere(['convert', checkpoint('osp-training.ckpt'), at('taken/')]);
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toContain('must not contain a .ckpt file, which loaders take first');
    expect(readdirSync(at('taken'))).toEqual(['old.ckpt']);
  });

  it('leaves the networks of the loss out', async () => {
    await writeRenamed(at('loss.safetensors'), (name) =>
      name === 'decoder.conv_in.conv.bias' ? [name, 'loss.discriminator.main.0.bias'] : [name],
    );
    const report = await convert(at('loss.safetensors'), at('without-loss.safetensors'), '--to', 'diffusers');
    expect(report).toMatchObject({ tensors: 176, ignored: 1 });
  });

  it('splits the weights with --shard-size, and puts them together again to the byte', async () => {
    await convert(checkpoint('osp-training.ckpt'), at('whole/'));
    const report = await convert(checkpoint('osp-training.ckpt'), at('split/'), '--shard-size', '1MB');
    expect(report).toMatchObject({ output: at('split/diffusion_pytorch_model.safetensors.index.json'), tensors: 176 });
    await convert(at('split'), at('joined/'));
    expect(sameBytes(at(`joined/${WEIGHTS}`), at(`whole/${WEIGHTS}`))).toBe(true);
  });

  it('takes the raw weights with --no-ema', async () => {
    expect(await convert(checkpoint('osp-training.ckpt'), at('raw.safetensors'), '--no-ema')).toMatchObject({
      part: 'state_dict.gen_model',
    });
    await convert(checkpoint('osp-no-ema.ckpt'), at('no-ema.safetensors'));
    expect(sameBytes(at('raw.safetensors'), at('no-ema.safetensors'))).toBe(true);
  });

  it.each([
    ['plain-bf16.pt', undefined, { BF16: 176 }],
    ['plain-bf16.pt', 'f32', { F32: 176 }],
    ['osp-no-ema.ckpt', 'bf16', { BF16: 176 }],
    ['sharded', undefined, { F32: 88, F16: 88 }],
    ['sharded', 'f16', { F16: 176 }],
    ['views.pt', 'f16', { F16: 4, I64: 1 }],
  ])('writes %s with --dtype %s as %j', async (name, dtype, dtypes) => {
    const output = at('typed.safetensors');
    const report = await convert(checkpoint(name), output, ...(dtype ? ['--dtype', dtype] : []));
    expect(report['dtypes']).toEqual(dtypes);
    expect(parseReport(await runHere(['inspect', output, '--json']))['parameters']).toBe(report['parameters']);
  });

  it.each([
    ['tail', tailInflation],
    ['average', averageInflation],
  ])('makes a video VAE from an SD-VAE by %s initialization', async (method, inflation) => {
    const [source, output] = [checkpoint('sd-diffusers.safetensors'), at(`${method}/`)];
    const report = await convert(source, output, '--init', method);
    expect(report).toMatchObject({
      architecture: 'variant 4 (release v1.2)',
      parameters: 965_991,
      dtypes: { F32: 176 },
    });
    const kernel = await valuesIn(source, 'encoder.conv_out.weight');
    const size = { channels: kernel.length / 9, time: 3, area: 9 };
    expect(await valuesIn(output, 'encoder.conv_out.conv.weight')).toEqual(inflation(kernel, size));
    expect(parseReport(await runHere(['inspect', output, '--json']))['model']).toMatchObject({ fits: true });
  });

  it('draws the kernels of --init random from its seed', async () => {
    for (const [name, seed] of [
      ['one', '5'],
      ['same', '5'],
      ['other', '6'],
    ] as const) {
      await convert(checkpoint('sd-compvis.ckpt'), at(`random-${name}/`), '--init', 'random', '--seed', seed);
    }
    const file = (name: string): string => join(at(`random-${name}`), WEIGHTS);
    expect(sameBytes(file('one'), file('same'))).toBe(true);
    expect(sameBytes(file('one'), file('other'))).toBe(false);
  });

  it.each([
    [['--variant', '1'], 'variant 1'],
    [['--variant', '2'], 'variant 2'],
    [['--variant', '3'], 'variant 3'],
    [['--release', 'v1.0'], 'release v1.0'],
    [['--release', 'v1.1'], 'release v1.1'],
    [['--release', 'v1.2'], 'variant 4 (release v1.2)'],
  ])('fills %j from an SD-VAE of any names', async (which, architecture) => {
    const outputs = ['sd-compvis.ckpt', 'sd-diffusers.safetensors'].map((name) => [
      name,
      at(`${architecture}-${name}/`),
    ]);
    for (const [name, output] of outputs) {
      const options = ['--init', 'tail', ...which, '--norm-num-groups', '8'];
      const report = await convert(checkpoint(name!), output!, ...options);
      expect(report).toMatchObject({ architecture });
      const model = parseReport(await runHere(['inspect', output!, '--json']))['model'];
      expect(model).toMatchObject({ fits: true, architecture, normGroups: 8 });
    }
    const [one, other] = outputs.map(([, output]) => join(output!, WEIGHTS));
    expect(sameBytes(one!, other!)).toBe(true);
  });

  it('writes an inflated model under the names that are asked for', async () => {
    const source = checkpoint('sd-compvis.ckpt');
    await convert(source, at('plain-names/'), '--init', 'tail');
    await convert(at('plain-names/'), at('renamed-later/'), '--to', 'diffusers');
    await convert(source, at('renamed-at-once/'), '--init', 'tail', '--to', 'diffusers');
    expect(sameBytes(join(at('renamed-at-once'), WEIGHTS), join(at('renamed-later'), WEIGHTS))).toBe(true);
  });

  it('leaves the config of another model beside a file alone, and says so', async () => {
    mkdirSync(at('occupied'));
    writeFileSync(at('occupied/config.json'), '{"hidden_size": 64}');
    const { code, stderr } = await runHere(['convert', checkpoint('plain-bf16.pt'), at('occupied/model.safetensors')]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/config\.json" was there before and was left as it is; it may be of another model\.\n$/);
    expect(readFileSync(at('occupied/config.json'), 'utf8')).toBe('{"hidden_size": 64}');
  });

  it('does not take along a config that the weights do not fit', async () => {
    mkdirSync(at('mixed'));
    copyFileSync(checkpoint('sd-compvis.ckpt'), at('mixed/sd.ckpt'));
    copyFileSync(checkpoint('config.json'), at('mixed/config.json'));
    expect(await convert(at('mixed/sd.ckpt'), at('unmixed/'))).toMatchObject({
      config: null,
      part: 'first_stage_model',
    });
    expect(readdirSync(at('unmixed'))).toEqual([WEIGHTS]);
  });

  it('does not touch the config of its source', async () => {
    const own = at('beside/');
    await convert(checkpoint('sd-compvis.ckpt'), own);
    writeFileSync(join(own, 'config.json'), '{"norm_num_groups": 8, "scaling_factor": 0.5}');
    const source = join(own, WEIGHTS);
    const replaced = await runHere(['convert', source, `${own}more`, '--init', 'tail', '--json']);
    expect(JSON.parse(readFileSync(join(own, 'more/config.json'), 'utf8'))).toMatchObject({
      norm_num_groups: 8,
      scaling_factor: 0.5,
    });
    expect(replaced.code).toBe(0);
    copyFileSync(source, join(own, 'image.safetensors'));
    const { code, stderr } = await runHere(['convert', join(own, 'image.safetensors'), own, '--init', 'tail']);
    expect(code).toBe(2);
    expect(stderr).toContain('belongs to the input and would be replaced');
  });

  it('refuses a hostile file and creates nothing', async () => {
    const before = readdirSync(folder);
    const { code, stderr } = await runHere(['convert', checkpoint('hostile-os-system.ckpt'), at('hostile/')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^od-vae: [^\n]*"posix\.system"[^\n]*\n$/);
    expect(readdirSync(folder)).toEqual(before);
  });

  it.each([
    [
      'a video VAE with --init',
      ['plain-bf16.pt', '--init', 'tail'],
      /--init needs an SD-VAE with kernels of 4 dimensions/,
    ],
    [
      'half an SD-VAE with --init',
      ['parameters-f16.pt', '--init', 'tail'],
      /--init needs an SD-VAE, encoder and decoder/,
    ],
    ['names of no family with --to', ['views.pt', '--to', 'diffusers'], /fit the names of no family/],
    [
      'groups that divide no width',
      ['sd-compvis.ckpt', '--init', 'tail', '--norm-num-groups', '7'],
      /divisible by norm_num_groups \(7\)/,
    ],
    ['the format before PyTorch 1.6', ['legacy.pt'], /torch\.save\(torch\.load/],
  ])('refuses %s', async (_, [name, ...options], expected) => {
    const { code, stderr } = await runHere(['convert', checkpoint(name!), at('refused/'), ...options]);
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
    expect(existsSync(at('refused'))).toBe(false);
  });

  it('refuses to write over its source', async () => {
    await convert(checkpoint('plain-bf16.pt'), at('own/'));
    const before = readFileSync(join(at('own'), WEIGHTS));
    for (const output of [at('own'), join(at('own'), WEIGHTS)]) {
      expect(await runHere(['convert', at('own'), output, '--dtype', 'f32'])).toMatchObject({ code: 2, stdout: '' });
    }
    expect(readFileSync(join(at('own'), WEIGHTS)).equals(before)).toBe(true);
  });
});
