import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { memory } from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { GoldenResult } from './check.ts';
import { checkFile, checkGoldenFolder, goldenFiles } from './run.ts';

const fixtures = join(import.meta.dirname, '../../../packages/models/fixtures');
const fixture = (name: string) => join(fixtures, `${name}.safetensors`);

const wrongOnes = (results: readonly GoldenResult[]) =>
  results.filter(({ error, tolerance }) => !(error <= tolerance)).map(({ name }) => name);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'golden-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Header {
  __metadata__: Record<string, string>;
  [name: string]: unknown;
}

/** Copies the init file, and the models beside it, with some change to its header or values. */
async function alteredInit(name: string, change: (header: Header, values: Buffer) => void): Promise<string> {
  const target = join(folder, name);
  await mkdir(target);
  await copyFile(fixture('models'), join(target, 'models.safetensors'));
  const bytes = await readFile(fixture('init'));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as Header;
  const values = Buffer.from(bytes.subarray(8 + length));
  change(header, values);
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  await writeFile(join(target, 'init.safetensors'), Buffer.concat([size, text, values]));
  return target;
}

/** Adds to the last value of one array. */
const add = (array: string, by: number) => (header: Header, values: Buffer) => {
  const end = (header[array] as { data_offsets: [number, number] }).data_offsets[1];
  values.writeFloatLE(values.readFloatLE(end - 4) + by, end - 4);
};

describe('checkFile', () => {
  it.each([
    ['blocks', 'cpu', 56],
    ['models', 'wasm', 91],
    ['tiling', 'wasm', 12],
    ['init', 'wasm', 9],
  ])('finds every number of %s right on %s', { timeout: 120_000 }, async (name, backend, count) => {
    const results = await checkFile(fixture(name), backend);
    expect(wrongOnes(results)).toEqual([]);
    expect(results).toHaveLength(count);
    expect(new Set(results.map((result) => result.name)).size).toBe(count);
    expect(memory().numTensors).toBe(0);
  });

  it.each([
    ['tail.t5.rec', 2e-4, 'tail.t5 rec'],
    ['average.t1.moments', -3e-5, 'average.t1 moments'],
    ['sd_vae.t1.moments', Number.NaN, 'sd_vae.t1 moments'],
  ])('fails on one altered value of %s, and on nothing else', async (array, by, name) => {
    const altered = await alteredInit(array, add(array, by));
    expect(wrongOnes(await checkFile(join(altered, 'init.safetensors'), 'wasm'))).toEqual([name]);
  });

  it('takes the seed of weights and inputs from the file', async () => {
    const altered = await alteredInit('seed', ({ __metadata__: metadata }) => {
      metadata['basis'] = '1';
    });
    const results = await checkFile(join(altered, 'init.safetensors'), 'wasm');
    expect(wrongOnes(results)).toHaveLength(results.length);
  });

  it('counts an array of another shape as wrong', async () => {
    const altered = await alteredInit('shape', (header) => {
      const array = header['tail.t1.rec'] as { shape: number[] };
      array.shape = [1, 3, 1, 8, 32];
    });
    expect(wrongOnes(await checkFile(join(altered, 'init.safetensors'), 'wasm'))).toEqual(['tail.t1 rec']);
  });
});

describe('goldenFiles', () => {
  it('finds the golden files of a folder at any depth, in the order of the checks', async () => {
    const deep = join(folder, 'deep', 'er');
    await mkdir(deep, { recursive: true });
    for (const name of ['init.safetensors', 'blocks.safetensors', 'other.safetensors', 'models.json']) {
      await writeFile(join(deep, name), '');
    }
    expect(goldenFiles(join(folder, 'deep'))).toEqual([
      join(deep, 'blocks.safetensors'),
      join(deep, 'init.safetensors'),
    ]);
    expect(goldenFiles(join(folder, 'deep'), ['init'])).toEqual([join(deep, 'init.safetensors')]);
  });

  it('refuses what is no folder', () => {
    expect(() => goldenFiles(join(folder, 'nowhere'))).toThrow(`${join(folder, 'nowhere')} is no folder.`);
  });
});

describe('checkGoldenFolder', () => {
  afterEach(() => {
    process.exitCode = undefined;
  });

  /** The lines that a run prints. */
  async function linesOf(args: string[]): Promise<string[]> {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await checkGoldenFolder(args);
      return log.mock.calls.map(([line]) => String(line));
    } finally {
      log.mockRestore();
    }
  }

  it('prints the largest error of each file and how many comparisons passed', async () => {
    const lines = await linesOf([fixtures, '--only', 'init', '--backend', 'wasm']);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^init\.safetensors \(wasm\): 9 comparisons, largest error \S+ of 1e-[45] allowed \(.+\)$/,
    );
    expect(lines[1]).toBe('9 passed, 0 failed');
    expect(process.exitCode).toBeUndefined();
  });

  it('names what failed and sets the exit code', async () => {
    const altered = await alteredInit('failing', add('tail.t1.rec', 1));
    const lines = await linesOf([altered, '--only', 'init', '--backend', 'wasm']);
    expect(lines.slice(1)).toEqual(['  FAILED tail.t1 rec: 1.00e+0, allowed 1e-4', '8 passed, 1 failed']);
    expect(process.exitCode).toBe(1);
  });

  it('says how it is used', async () => {
    expect((await linesOf(['--help'])).join('\n')).toMatch(/npm run golden -- \[folder\]/);
  });

  it('refuses a folder without golden files, and one that is none', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await expect(checkGoldenFolder([empty])).rejects.toThrow(
      'holds none of blocks, models, tiling, init, training, full',
    );
    await expect(checkGoldenFolder([join(folder, 'nowhere')])).rejects.toThrow('is no folder.');
  });
});
