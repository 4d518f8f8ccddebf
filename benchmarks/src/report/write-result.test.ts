import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { result } from '../../fixtures/result.ts';
import { type BenchmarkResult, resultSchema } from './result.ts';
import { writeResult } from './write-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'od-vae-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('writeResult', () => {
  it('writes a file that reads back as the same result', async () => {
    const json = join(folder, 'new/result.json');
    await writeResult(result, { json, output: undefined });
    expect(resultSchema.parse(JSON.parse(readFileSync(json, 'utf8')))).toEqual(result);
  });

  it('writes the table, and a plot of each suite in which something compares', async () => {
    const output = join(folder, 'plots');
    await writeResult(result, { json: undefined, output });
    expect(readdirSync(output).toSorted()).toEqual(['model.svg', 'results.md']);
    const svg = readFileSync(join(output, 'model.svg'), 'utf8');
    expect(svg).toMatch(/^<svg [^]*<\/svg>$/);
    for (const text of ['PyTorch 2', 'od-vae simd, Node 20', 'variant 4, encode 17x128x128'])
      expect(svg).toContain(text);
  });

  it.each([
    ['a time that is no time', { seconds: [0] }],
    ['a field that nobody knows', { surprise: 1 }],
  ])('refuses %s and writes nothing', async (_, change) => {
    const wrong = { ...result, measurements: [{ ...result.measurements[0]!, ...change }] } as BenchmarkResult;
    await expect(writeResult(wrong, { json: join(folder, 'wrong.json'), output: undefined })).rejects.toThrow();
    expect(readdirSync(folder)).not.toContain('wrong.json');
  });
});
