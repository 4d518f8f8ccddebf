import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { uniformSource } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { parseReport, runChild, runHere } from '../../fixtures/command.ts';
import { temporaryFolder, writeY4m } from '../../fixtures/files.ts';

const folder = temporaryFolder();
const clips = join(folder, 'clips');
mkdirSync(clips);
for (const name of ['a', 'b']) writeY4m(join(clips, `${name}.y4m`), { frames: 6, side: 16 });

/** Two levels of width 4: a step takes some hundredths of a second on the cpu backend. */
const config = join(folder, 'tiny.json');
writeFileSync(
  config,
  JSON.stringify({
    model: {
      hidden_size: 4,
      hidden_size_mult: [1, 1],
      num_res_blocks: 1,
      norm_num_groups: 2,
      encoder_attention: 'AttnBlock3DFix',
      decoder_attention: 'AttnBlock3DFix',
      encoder_resnet_blocks: ['ResnetBlock2D', 'ResnetBlock3D'],
      encoder_spatial_downsample: ['Spatial2xTime2x3DDownsample', ''],
      encoder_temporal_downsample: ['', ''],
      decoder_resnet_blocks: ['ResnetBlock3D', 'ResnetBlock3D'],
      decoder_spatial_upsample: ['', 'Spatial2xTime2x3DUpsample'],
      decoder_temporal_upsample: ['', ''],
    },
    data: { folder: clips, frames: 3, size: 8 },
    steps: 4,
    learningRate: { rate: 1e-3 },
    discriminator: { channels: 2, layers: 1, start: 3 },
    saveEvery: 2,
  }),
);
const checkpointOf = (step: number) => `step-${String(step).padStart(8, '0')}`;

/** How often the long test kills its run; a hundred times takes many minutes. */
const KILLS = Number(process.env['OD_VAE_KILLS'] ?? 2);

const train = (output: string, ...more: string[]) => [
  'train',
  config,
  '-b',
  'cpu',
  '--set',
  `output=${output}`,
  ...more,
];

describe('od-vae train', () => {
  it('trains, goes on where it stopped, and leaves a model that the other commands read', async () => {
    const [straight, stopped] = [join(folder, 'straight'), join(folder, 'stopped')];
    const { code, stderr, stdout } = await runHere(train(straight, '--json', '--progress', '--set', 'steps=6'));
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
    expect(stderr).toMatch(/step 6\/6 \| generator loss [\d.]+ \| [\d.]+ dB \| [\d.]+ it\/s \| 0:00 left/);
    expect(JSON.parse(stdout)).toMatchObject({ steps: 6, model: join(straight, 'model'), skipped: [] });

    expect((await runHere(train(stopped))).code).toBe(0);
    expect(readdirSync(stopped).filter((name) => name.startsWith('step-'))).toEqual(['step-00000002', 'step-00000004']);
    const again = await runHere(train(stopped, '--set', 'steps=6'));
    expect({ code: again.code, stderr: again.stderr }).toMatchObject({ code: 2 });
    expect(again.stderr).toContain('holds a run already');
    expect((await runHere(train(stopped, '--set', 'steps=6', '--resume'))).code).toBe(0);
    const state = (run: string) => readFileSync(join(run, 'step-00000006', 'state.safetensors'));
    expect(state(straight).equals(state(stopped))).toBe(true);
    const inspected = parseReport(await runHere(['inspect', join(stopped, 'model'), '--json']));
    expect(JSON.stringify(inspected)).toContain('open-sora-plan');
  });

  it('refuses to resume with other settings or videos, names all of them, and leaves the run as it was', async () => {
    const [output, own] = [join(folder, 'changed'), join(folder, 'changed-clips')];
    mkdirSync(own);
    for (const name of ['a', 'b']) writeY4m(join(own, `${name}.y4m`), { frames: 6, side: 16 });
    const set = (...settings: string[]) => [
      '--set',
      `data.folder=${own}`,
      ...settings.flatMap((one) => ['--set', one]),
    ];
    expect((await runHere(train(output, ...set('steps=2')))).code).toBe(0);
    const state = () => readFileSync(join(output, checkpointOf(2), 'state.json'), 'utf8');
    const before = state();
    writeY4m(join(own, 'b.y4m'), { frames: 7, side: 16 });
    writeY4m(join(own, 'c.y4m'), { frames: 6, side: 16 });
    const other = set('steps=4', 'saveEvery=1', 'seed=5', 'batch=2', 'data.size=16', 'data.frames=5', 'klWeight=1');
    const refused = await runHere(train(output, '--resume', ...other));
    expect(refused.code).toBe(1);
    for (const difference of [
      'seed is 5 instead of 0',
      'batch is 2 instead of 1',
      'data.size is 16 instead of 8',
      'data.frames is 5 instead of 3',
      'klWeight is 1 instead of 0.000001',
      'videos.count is 3 instead of 2',
      'videos.byName.b.y4m is "',
      'videos.byName.c.y4m is "',
      '--force',
    ]) {
      expect(refused.stderr).toContain(difference);
    }
    expect(refused.stderr).not.toMatch(/saveEvery|steps is|byName\.a/);
    expect(state()).toBe(before);
    expect(readdirSync(output).filter((name) => name.startsWith('step-'))).toEqual([checkpointOf(2)]);
    const forced = await runHere(train(output, '--resume', '--force', ...other));
    expect({ code: forced.code, stderr: forced.stderr }).toMatchObject({ code: 0 });
    expect(forced.stderr).toContain('The run was resumed although');
  });

  it('resumes with the same videos in another folder, and with a note from a checkpoint without their record', async () => {
    const [output, moved] = [join(folder, 'moved'), join(folder, 'moved-clips')];
    expect((await runHere(train(output, '--set', 'steps=1'))).code).toBe(0);
    cpSync(clips, moved, { recursive: true });
    const again = (steps: number) =>
      train(output, '--resume', '--set', `data.folder=${moved}`, '--set', `steps=${steps}`);
    expect(await runHere(again(2))).toMatchObject({ code: 0, stderr: '' });
    const path = join(output, checkpointOf(2), 'state.json');
    const record = JSON.parse(readFileSync(path, 'utf8')) as { run: Record<string, unknown>; training?: unknown };
    delete record.run['videos'];
    delete record.run['lpips'];
    delete record.training;
    writeFileSync(path, JSON.stringify(record));
    const older = await runHere(again(3));
    expect(older).toMatchObject({ code: 0 });
    expect(older.stderr).toContain('does not record its videos, so they were not compared');
  });

  it('goes on from the weights of a trained model', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    const model = join(first, 'model');
    expect((await runHere(train(first, '--set', 'steps=2'))).code).toBe(0);
    const again = await runHere(train(second, '--set', `init.from=${model}`, '--set', 'steps=1'));
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: '' });
    const bytes = (of: string) => readFileSync(join(of, 'model', 'diffusion_pytorch_model.safetensors')).length;
    expect(bytes(second)).toBe(bytes(first));
  });

  it('trains on single pictures beside the clips', async () => {
    const settings = ['data.images={"count":2,"size":12}', 'discriminator=null', 'steps=2', 'data.zoom=1.3'];
    const set = settings.flatMap((one) => ['--set', one]);
    const plan = parseReport(await runHere(train(join(folder, 'joint'), ...set, '--dry-run', '--json')));
    expect(plan).toMatchObject({ clipShape: [1, 3, 8, 8, 3], pictureShape: [2, 1, 12, 12, 3] });
    const { code, stderr, stdout } = await runHere(train(join(folder, 'joint'), ...set, '--json'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ skipped: [] });
  });

  it('prints its plan and writes nothing', async () => {
    const output = join(folder, 'planned');
    const plan = parseReport(await runHere(train(output, '--dry-run', '--json')));
    expect(plan).toMatchObject({ steps: 4, discriminatorSteps: 1, videos: 2, clipShape: [1, 3, 8, 8, 3] });
    expect(plan['secondsPerStep']).toBeGreaterThan(0);
    expect(plan['peakBytes']).toBeGreaterThan(1e6);
    expect(existsSync(output)).toBe(false);
  });

  it('ends with the same bytes, however often it is killed', { timeout: 3_600_000 }, async () => {
    const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
    const steps = 4 + 2 * KILLS;
    // On simd, whose workers are killed with it.
    const settings = [`steps=${steps}`, 'saveEvery=1', 'imagesEvery=0'].flatMap((one) => ['--set', one]);
    const options = ['-b', 'simd', '--progress', ...settings];
    expect((await runChild(train(whole, ...options))).code).toBe(0);
    const random = uniformSource(KILLS);
    for (let kill = 0; kill < KILLS; kill++) {
      await runChild(train(killed, '--resume', ...options), (child) => {
        // A step writes more than it computes here, so a moment after a step is likely one within a checkpoint.
        child.stderr!.once('data', () => setTimeout(() => child.kill('SIGKILL'), 400 * random()));
      });
    }
    expect((await runChild(train(killed, '--resume', ...options))).code).toBe(0);
    const state = (run: string) => readFileSync(join(run, checkpointOf(steps), 'state.safetensors'));
    expect(state(whole).equals(state(killed))).toBe(true);
    expect(readdirSync(killed).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.each([
    [['--set', 'data.frames=4'], 'needs 2n + 1 frames and a size that 2 divides', 1],
    [['--set', 'data.folder=/nowhere'], 'needs a folder', 1],
    [['--set', 'data.images.size=8'], 'data.images needs a discriminator of 2 dimensions or none, but it has 3', 1],
    [['--set', 'nothing.here=1'], 'Unrecognized key', 2],
    [['--set', 'steps'], '--set needs key=value', 2],
    [['--preset', 'huge'], 'Allowed choices are paper', 2],
  ])('answers %j with one sentence', async (more, text, expected) => {
    const { code, stderr } = await runHere(train(join(folder, 'never'), ...more));
    expect(code).toBe(expected);
    expect(stderr).toMatch(/^od-vae: [^\n]+\n$/);
    expect(stderr).toContain(text);
  });
});
