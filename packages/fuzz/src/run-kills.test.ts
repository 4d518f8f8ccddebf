import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { afterKill } from './after-kill.ts';
import { killMarkdown } from './kill-summary.ts';
import { runKills } from './run-kills.ts';

describe('afterKill', () => {
  const whole = new Map([
    ['model/a.safetensors', Uint8Array.of(1, 2, 3)],
    ['model/config.json', Uint8Array.of(4)],
  ]);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'od-vae-after-'));
    mkdirSync(join(folder, 'model'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each<[string, Record<string, number[]>, string]>([
    ['nothing', {}, 'absent'],
    ['a temporary file', { 'model/.a.safetensors.0-1.tmp': [1] }, 'absent'],
    ['all files', { 'model/a.safetensors': [1, 2, 3], 'model/config.json': [4] }, 'complete'],
    ['one of two files', { 'model/a.safetensors': [1, 2, 3] }, 'broken'],
    ['a file that is cut short', { 'model/a.safetensors': [1, 2], 'model/config.json': [4] }, 'broken'],
    ['a file of another name', { 'model/b.safetensors': [1] }, 'broken'],
  ])('takes %s for what it is', async (_, files, remains) => {
    for (const [path, bytes] of Object.entries(files)) writeFileSync(join(folder, path), Uint8Array.from(bytes));
    expect((await afterKill(folder, whole)).remains).toBe(remains);
  });

  it('compares with the files that were there before', async () => {
    const previous = new Map([...whole].map(([path]) => [path, Uint8Array.of(9)]));
    const put = (path: string, ...bytes: number[]) => writeFileSync(join(folder, path), Uint8Array.from(bytes));
    put('model/a.safetensors', 9);
    put('model/config.json', 9);
    expect((await afterKill(folder, whole, previous)).remains).toBe('previous');
    put('model/a.safetensors', 1, 2, 3);
    expect((await afterKill(folder, whole, previous)).remains).toBe('broken');
    mkdirSync(join(folder, 'model/.od-vae-images-1'));
    put('model/.od-vae-images-1/config.json', 4);
    expect((await afterKill(folder, whole, previous)).remains).toBe('resumable');
  });

  it('takes parts of a job with its settings for something to go on from', async () => {
    mkdirSync(join(folder, 'out.partial'));
    writeFileSync(join(folder, 'out.partial/job.json'), '{}');
    writeFileSync(join(folder, 'out.partial/latents-000001.safetensors'), 'x');
    expect((await afterKill(folder, whole)).remains).toBe('resumable');
  });
});

describe('runKills', () => {
  it(
    'finds the output absent, resumable or complete, and the same bytes when run again',
    { timeout: 300_000 },
    async () => {
      const results = await runKills({ count: 8, seed: 5, size: { frames: 9, side: 16 } }, () => undefined);
      expect(results.map(({ job }) => job)).toEqual([
        'encode',
        'decode to y4m',
        'decode to mp4',
        'encode over latents',
        'encode over a folder',
        'decode over images',
        'convert over a model',
        'convert',
      ]);
      expect(results.filter(({ remains }) => remains === 'broken')).toEqual([]);
      expect(results.filter(({ sameAfterwards }) => !sameAfterwards)).toEqual([]);
      expect(results.filter(({ temporaryAfterwards }) => temporaryAfterwards > 0)).toEqual([]);
      expect(killMarkdown(results)).toContain('| all | 8 |');
    },
  );
});
