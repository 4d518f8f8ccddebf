import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { parseReport, runHere } from '../../fixtures/command.ts';
import { checkpoint, temporaryFolder, writeChanged, writeY4m } from '../../fixtures/files.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const NARROW = { architecture: 'variant 4 (release v1.2)', hiddenSize: 32, parameters: 965_991, fits: true };

async function inspect(...argv: string[]): Promise<Record<string, unknown>> {
  const outcome = await runHere(['inspect', ...argv, '--json']);
  expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
  return parseReport(outcome);
}

describe('od-vae inspect', () => {
  it.each([
    ['osp-training.ckpt', { format: 'torch', family: 'open-sora-plan', part: 'ema_state_dict', model: NARROW }],
    ['osp-no-ema.ckpt', { format: 'torch', part: 'state_dict.gen_model', model: NARROW }],
    ['plain-bf16.pt', { part: 'all', dtypes: { BF16: { tensors: 176, parameters: 965_991 } }, model: NARROW }],
    ['parameters-f16.pt', { tensors: 6, imageVae: false, model: { fits: false, spare: [], misshapen: [] } }],
    ['sharded', { format: 'safetensors', family: 'open-sora-plan', config: 'config.json', model: NARROW }],
    ['views.pt', { family: 'unknown', tensors: 5, ignored: ['args'], model: null }],
    ['sd-compvis.ckpt', { family: 'compvis', part: 'first_stage_model', imageVae: true, model: null }],
    ['sd-diffusers.safetensors', { family: 'diffusers', imageVae: true, parameters: 367_527 }],
    ['sd-diffusers-old-f16.safetensors', { family: 'diffusers', imageVae: true, bytes: 735_054 }],
  ])('tells what %s is', async (name, expected) => {
    expect(await inspect(checkpoint(name))).toMatchObject({ kind: 'checkpoint', ...expected });
  });

  it.each(['hostile-os-system.ckpt', 'legacy.pt'])('refuses %s', async (name) => {
    const { code, stderr } = await runHere(['inspect', checkpoint(name)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^od-vae: [^\n]+\n$/);
  });

  it('names what is missing, spare and misshapen', async () => {
    copyFileSync(checkpoint('config.json'), at('config.json'));
    const path = await writeChanged(at('changed.safetensors'), ([first, second, ...rest]) => [
      { ...first!, shape: [first!.shape.reduce((a, b) => a * b, 1)] },
      { ...second!, name: 'encoder.extra.bias' },
      ...rest,
    ]);
    expect((await inspect(path))['model']).toMatchObject({
      fits: false,
      missing: ['encoder.conv_in.bias'],
      spare: ['encoder.extra.bias'],
      misshapen: [{ name: 'encoder.conv_in.weight', shape: [864], needed: [32, 3, 3, 3] }],
    });
    const { stdout } = await runHere(['inspect', path]);
    expect(stdout).toContain('loads       no: 1 missing: "encoder.conv_in.bias"; 1 spare: "encoder.extra.bias"');
  });

  it('tells the model from the shapes where no config.json lies beside them', async () => {
    const lonely = temporaryFolder();
    const path = await writeChanged(join(lonely, 'alone.safetensors'), (tensors) => tensors);
    expect(await inspect(path)).toMatchObject({ config: 'shapes', model: { ...NARROW, needsConfig: true } });
  });

  it('tells what latents and videos are', async () => {
    const video = writeY4m(at('clip.y4m'), { frames: 5, side: 16 });
    expect(await inspect(video)).toMatchObject({ kind: 'video', frameCount: 5, width: 16, height: 16, fps: 25 });
    const latents = at('latents.safetensors');
    expect((await runHere(['encode', video, latents, '--backend', 'wasm'])).code).toBe(0);
    expect(await inspect(latents)).toMatchObject({
      kind: 'latents',
      shape: [1, 4, 2, 2, 2],
      metadata: { frames: '5', fps: '25', model: 'small' },
    });
    for (const [path, kind] of [
      [video, 'video (y4m'],
      [latents, 'latents'],
    ] as const) {
      expect((await runHere(['inspect', path])).stdout).toContain(`kind      ${kind}`);
    }
  });

  it('finds out by content what an address, a file of another name and a folder of images are', async () => {
    const files = new Map([
      ['/video', readFileSync(writeY4m(at('a.y4m'), { frames: 5, side: 16 }))],
      ['/weights', readFileSync(checkpoint('osp-training.ckpt'))],
    ]);
    const server = createServer((request, response) => {
      const data = files.get(request.url!.replace(/[.?].*/, ''));
      response.writeHead(data ? 200 : 404, { 'content-length': data?.length ?? 0 }).end(data);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      for (const name of ['video', 'video.ckpt', 'video?file=x.safetensors']) {
        expect(await inspect(`${root}/${name}`)).toMatchObject({ kind: 'video', frameCount: 5 });
      }
      for (const name of ['weights', 'weights.mp4?x=y.gif']) {
        expect(await inspect(`${root}/${name}`)).toMatchObject({ kind: 'checkpoint', part: 'ema_state_dict' });
      }
    } finally {
      server.close();
    }
    copyFileSync(at('a.y4m'), at('named.bin'));
    expect(await inspect(at('named.bin'))).toMatchObject({ kind: 'video', frameCount: 5 });
    mkdirSync(at('images'));
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==';
    for (const name of ['1.png', '3.png', '4.png']) writeFileSync(join(at('images'), name), Buffer.from(png, 'base64'));
    const { frameCount, notes } = await inspect(at('images'));
    expect([frameCount, notes]).toEqual([3, [expect.stringContaining('lacks 1 number')]]);
  });
});
