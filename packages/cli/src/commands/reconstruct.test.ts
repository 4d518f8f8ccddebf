import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { probeVideo } from '@od-vae/video';
import { memory } from '@tensorflow/tfjs-core';
import { readLatentsFile, writeLatentsFile } from 'od-vae';
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
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringMatching(/^od-vae: plan: [^\n]*\n$/) });
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
      plan: { tiling: { frames: 33, latents: 9 }, memory: { total: expect.any(Number) }, limit: expect.any(Number) },
      seams: { frames: [], psnrNearGroups: null },
      note: null,
    });
    expect(await probeVideo(at('out.y4m'))).toMatchObject({ frameCount: 5, width: 16, height: 16, fps: 25 });
  });

  it('prints a table, and on stderr what it did to make the clip fit', async () => {
    const { code, stdout, stderr } = await runHere(['reconstruct', input, ...WASM]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^frames +6\nsize +16x16 at 25 fps\nlatent shape +\[1, 4, 3, 2, 2\]\nbits +36,864 -> 768 /);
    expect(stdout).toMatch(/\nPSNR +\d+\.\d\d dB\nSSIM +-?\d\.\d{4}\nseconds +\d+\.\d on wasm\n$/);
    const [plan, note] = stderr.split(/(?<=\n)/);
    expect(plan).toMatch(
      /^od-vae: plan: 33 frames \(9 latent\), whole; about [\d.]+ MB of [\d.]+ [GT]B \(weights [\d.]+ MB, a tile [^)]*\)\.\n$/,
    );
    expect(note).toMatch(/^od-vae: 6 frames came and the model needs 4n \+ 1[^\n]*\n$/);
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

  it.each([
    [['--tiling', 'official'], { frames: 33, latents: 16, spatial: { sampleSize: 256, official: true } }],
    [['--tile-size', '16', '--tile-overlap', '0.5'], { frames: 33, spatial: { latentSize: 2, overlap: 0.5 } }],
    [['--tiling', 'script', '--tile-frames', '5'], { frames: 5, latents: 2, spatial: { sampleSize: 512 } }],
    [['--memory', '700MB'], { frames: 33, latents: 9 }],
  ])('tiles with %j', async (options, tiling) => {
    const report = parseReport(await runHere(['reconstruct', input, '--frames', '1', '--json', ...options, ...WASM]));
    expect(report).toMatchObject({ plan: { tiling } });
  });

  it.each([
    [['--memory', '100MB'], 1, /A video of 16x16 in the smallest tiles needs about [\d,]+ MB, but it may use 100 MB/],
    [['--memory', '100MB', '--tile-size', '8'], 1, /in tiles of 33 frames .*; use fewer frames a tile \(tileFrames\)/],
    [['--tile-overlap', '0.5'], 2, /--tile-overlap needs --tile-size/],
    [['--tile-size', '12'], 2, /--tile-size must be a multiple of 8, but is 12/],
    [['--plot', 'psnr.png'], 2, /--plot writes an \.svg file, but the name is "psnr\.png"/],
    [['--resume'], 1, /resume needs a path to write to/],
  ])('refuses %j before it computes anything', async (options, expectedCode, sentence) => {
    const { code, stdout, stderr } = await runHere(['reconstruct', input, ...options, ...WASM]);
    expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
    expect(stderr).toMatch(sentence);
  });

  it('draws the PSNR of every frame with --plot', async () => {
    await runHere(['reconstruct', input, '--frames', '5', '--plot', at('psnr.svg'), ...WASM]);
    expect(readFileSync(at('psnr.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it('shows progress with the time that is left when asked to', async () => {
    const { stderr } = await runHere(['reconstruct', input, '--frames', '5', '--progress', ...WASM]);
    expect(stderr).toMatch(/load \[=+\] 100% \| \d+\/\d+ \| 0:00 left/);
    expect(stderr).toMatch(/decode \[=+\] 100% \| 5\/5 \| 0:00 left/);
  });

  it('reads a video from the standard input', async () => {
    const watch = (child: ChildProcess) => child.stdin?.end(readFileSync(input));
    const piped = await runChild(['reconstruct', '-', at('piped.y4m'), '--quiet', ...WASM], watch);
    expect({ code: piped.code, stderr: piped.stderr }).toEqual({ code: 0, stderr: '' });
    await runHere(['reconstruct', input, at('read.y4m'), ...WASM]);
    expect(readFileSync(at('piped.y4m')).equals(readFileSync(at('read.y4m')))).toBe(true);
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
    expect(stderr).toContain(`od-vae: "small" made the latents, "${model}" rebuilt them.\n`);
  });

  it('take the model that the latents name, and fetch none because of that', async () => {
    const [latents, model] = [at('named.safetensors'), at('named-model/')];
    await runHere(['convert', checkpoint('osp-no-ema.ckpt'), model]);
    await runHere(['encode', input, latents, '--frames', '1', '--model', model, ...WASM]);
    const decoded = await runHere(['decode', latents, at('named.y4m'), '--json', ...WASM]);
    expect(parseReport(decoded)).toMatchObject({ model, note: null, weights: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const { info, chunk } = await readLatentsFile(latents);
    await writeLatentsFile(latents, [chunk], { ...info, model: 'https://example.org/model/' });
    const refused = await runHere(['decode', latents, at('named.y4m'), ...WASM]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('was made with the model https://example.org/model/; name it with --model');
  });

  it('work with a folder of latents, and with the posterior beside them', async () => {
    const parts = `${at('parts')}/`;
    expect((await runHere(['encode', input, parts, '--tile-frames', '5', '--posterior', ...WASM])).code).toBe(0);
    expect(readdirSync(parts).toSorted()).toEqual([
      'latents-000000.safetensors',
      'latents-000001.safetensors',
      'latents.json',
    ]);
    const { tensors } = parseReport(await runHere(['inspect', `${parts}latents-000000.safetensors`, '--json']));
    expect(Object.keys(tensors as object).toSorted()).toEqual(['latents', 'logvar', 'mean']);
    expect((await runHere(['decode', parts, at('of-parts.y4m'), ...WASM])).code).toBe(0);
    expect(await probeVideo(at('of-parts.y4m'))).toMatchObject({ frameCount: 6, width: 16 });
  });

  it('go on where they were ended, and give the same bytes', async () => {
    const tiles = ['--tile-frames', '5', ...WASM];
    const longer = writeY4m(at('longer.y4m'), { frames: 13, side: 16 });
    await runHere(['encode', longer, at('at-once.safetensors'), ...tiles]);
    const partial = `${at('resumed.safetensors')}.partial`;
    const controller = new AbortController();
    const watch = setInterval(() => {
      if (existsSync(join(partial, 'latents-000001.safetensors'))) controller.abort(new Error('enough'));
    }, 1);
    const resumed = ['encode', longer, at('resumed.safetensors'), '--resume', ...tiles];
    const ended = await runHere(resumed, controller.signal);
    clearInterval(watch);
    expect([ended.code, existsSync(at('resumed.safetensors')), existsSync(partial)]).toEqual([1, false, true]);
    expect((await runHere(resumed)).code).toBe(0);
    expect(readFileSync(at('resumed.safetensors')).equals(readFileSync(at('at-once.safetensors')))).toBe(true);
    expect(existsSync(partial)).toBe(false);
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

  it('decode latents without metadata with the options that describe them', async () => {
    const data = Float32Array.from({ length: 4 * 2 * 2 * 2 }, (_, index) => 5 * Math.sin(index));
    const shape = [1, 4, 2, 2, 2];
    const header = JSON.stringify({ z: { dtype: 'F32', shape, data_offsets: [0, data.byteLength] } });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(at('raw.safetensors'), Buffer.concat([length, Buffer.from(header), Buffer.from(data.buffer)]));
    const decode = ['decode', at('raw.safetensors'), at('raw.y4m'), ...WASM];
    expect((await runHere(decode)).stderr).toContain(
      'Latents without metadata need fps, width, height (--fps, --width, --height).',
    );
    const { code, stdout } = await runHere([...decode, '--fps', '25', '--width', '16', '--height', '15', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ frames: 5, width: 16, height: 15, fps: 25 });
  });

  it('draw fresh latents without a seed, and print the seed that draws them again', async () => {
    const draw = async (name: string, ...seed: string[]) => {
      const argv = ['encode', input, at(name), '--frames', '1', '--sample', ...seed, '--json', ...WASM];
      const report = JSON.parse((await runHere(argv)).stdout) as { seed: number };
      return { bytes: readFileSync(at(name)), seed: report.seed };
    };
    const first = await draw('fresh.safetensors');
    const second = await draw('other-fresh.safetensors');
    expect(second.seed).not.toBe(first.seed);
    expect(second.bytes.equals(first.bytes)).toBe(false);
    const again = await draw('fresh-again.safetensors', '--seed', String(first.seed));
    expect(again.bytes.equals(first.bytes)).toBe(true);
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
