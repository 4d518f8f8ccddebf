import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { probeVideo } from '@od-vae/video';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { parseReport, runChild, runHere } from '../../fixtures/command.ts';
import { checkpoint, temporaryFolder, writeY4m } from '../../fixtures/files.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const input = writeY4m(at('in.y4m'), { frames: 6, side: 16 });
const WASM = ['--backend', 'wasm'];

describe('od-vae reconstruct', () => {
  it('prints one JSON object and nothing else, also without a terminal', async () => {
    const outcome = await runChild(['reconstruct', input, at('out.y4m'), '--frames', '5', '--json', ...WASM]);
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' });
    expect(outcome.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(parseReport(outcome)).toMatchObject({
      frames: 5,
      width: 16,
      height: 16,
      fps: 25,
      latentShape: [1, 4, 2, 2, 2],
      psnr: expect.any(Number),
      ssim: expect.any(Number),
      seconds: expect.any(Number),
      backend: 'wasm',
      output: at('out.y4m'),
      note: null,
    });
    expect(await probeVideo(at('out.y4m'))).toMatchObject({ frameCount: 5, width: 16, height: 16, fps: 25 });
  });

  it('prints a table, and on stderr what it did to make the clip fit', async () => {
    const { code, stdout, stderr } = await runHere(['reconstruct', input, ...WASM]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^frames +6\nsize +16x16 at 25 fps\nlatent shape +\[1, 4, 3, 2, 2\]\nbits +36,864 -> 768 /);
    expect(stdout).toMatch(/\nPSNR +\d+\.\d\d dB\nSSIM +-?\d\.\d{4}\nseconds +\d+\.\d on wasm\n$/);
    expect(stderr).toMatch(/^od-vae: 6 frames came and the model needs 4n \+ 1[^\n]*\n$/);
    expect((await runHere(['reconstruct', input, '--quiet', ...WASM])).stderr).toBe('');
  });

  it('writes the original beside the reconstruction with --compare', async () => {
    await runHere(['reconstruct', input, at('both.y4m'), '--frames', '1', '--compare', ...WASM]);
    expect(await probeVideo(at('both.y4m'))).toMatchObject({ frameCount: 1, width: 32, height: 16 });
  });

  it('cuts the clip as it is told, whatever the size of its tiles', async () => {
    const clip = ['--start', '1', '--frames', '5', '--short-side', '8', ...WASM];
    const report = parseReport(await runHere(['reconstruct', input, '--json', ...clip, '--tile-frames', '5']));
    expect(report).toMatchObject({ frames: 5, width: 8, latentShape: [1, 4, 2, 1, 1], ssim: null, output: null });
  });

  it('shows progress with the time that is left when asked to', async () => {
    const { stderr } = await runHere(['reconstruct', input, '--frames', '5', '--progress', ...WASM]);
    expect(stderr).toMatch(/load \[=+\] 100% \| \d+\/\d+ \| 0:00 left/);
    expect(stderr).toMatch(/decode \[=+\] 100% \| 5\/5 \| 0:00 left/);
  });

  it('leaves no tensor behind', async () => {
    await runHere(['reconstruct', input, '--frames', '1', ...WASM]);
    const { numTensors } = memory();
    await runHere(['reconstruct', input, '--frames', '1', ...WASM]);
    expect(memory().numTensors).toBe(numTensors);
  });
});

describe('od-vae encode and decode', () => {
  it('rebuild what reconstruct does, byte for byte', async () => {
    const latents = at('latents.safetensors');
    expect((await runHere(['reconstruct', input, at('whole.y4m'), '-q', ...WASM])).code).toBe(0);
    const encoded = parseReport(await runHere(['encode', input, latents, '--json', ...WASM]));
    expect(encoded).toMatchObject({ frames: 6, latentShape: [1, 4, 3, 2, 2], model: 'small', output: latents });
    const decoded = parseReport(await runHere(['decode', latents, at('apart.y4m'), '--json', ...WASM]));
    expect(decoded).toMatchObject({ frames: 6, width: 16, height: 16, fps: 25, output: at('apart.y4m') });
    expect(readFileSync(at('apart.y4m')).equals(readFileSync(at('whole.y4m')))).toBe(true);
  });

  it('say so when another model rebuilds the latents', async () => {
    const [latents, model] = [at('small.safetensors'), at('other-model/')];
    await runHere(['encode', input, latents, '--frames', '1', ...WASM]);
    await runHere(['convert', checkpoint('osp-no-ema.ckpt'), model]);
    const { code, stderr } = await runHere(['decode', latents, at('other.y4m'), '--model', model, ...WASM]);
    expect(code).toBe(0);
    expect(stderr).toBe(`od-vae: "small" made the latents, "${model}" rebuilt them.\n`);
  });

  it('draw other latents for another seed, and the same for the same', async () => {
    const draw = async (name: string, seed: string): Promise<Buffer> => {
      await runHere(['encode', input, at(name), '--frames', '1', '--sample', '--seed', seed, ...WASM]);
      return readFileSync(at(name));
    };
    const first = await draw('first.safetensors', '7');
    expect(first.equals(await draw('again.safetensors', '7'))).toBe(true);
    expect(first.equals(await draw('other.safetensors', '8'))).toBe(false);
  });

  it.each([
    ['weights', at('../nothing.safetensors'), /no file or folder at/],
    ['a video', input, /in\.y4m is neither safetensors nor/],
  ])('refuse %s where latents are needed', async (_, source, expected) => {
    const { code, stderr } = await runHere(['decode', source, at('never.y4m'), ...WASM]);
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
  });

  it('need a folder for the latents before they begin', async () => {
    const { code, stderr } = await runHere(['encode', input, at('nowhere/latents.safetensors'), ...WASM]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/needs a folder to go to, but there is none at ".*nowhere"/);
  });
});
