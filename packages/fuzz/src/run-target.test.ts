import { describe, expect, it } from 'vitest';

import type { CaseResult } from './case-result.ts';
import { runTarget } from './run-target.ts';

const module = new URL('../fixtures/broken-targets.mjs', import.meta.url).href;

async function run(target: string, to: number, milliseconds = 2000): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  await runTarget({ module, target, seed: 1, from: 0, to }, (result) => results.push(result), {
    milliseconds,
    bytes: 4e8,
  });
  return results;
}

describe.skipIf(process.platform !== 'linux')('runTarget', () => {
  it('finds the input that computes without end, and goes on behind it', async () => {
    expect((await run('third', 4)).map(({ index, kind }) => [index, kind])).toEqual([
      [0, 'refused'],
      [1, 'refused'],
      [2, 'hang'],
      [3, 'refused'],
    ]);
  });

  it.each([
    ['sleeper', 'hang', /^asleep for/],
    ['hog', 'memory', /^the process holds \d+ MB$/],
    ['late', 'crash', /^after the call had ended: .*nobody waits/],
    ['quitter', 'crash', /ended by itself with code 7$/],
  ])('finds the fault of %s', async (target, kind, message) => {
    const [result] = await run(target, 1, target === 'hog' ? 20_000 : 2000);
    expect(result).toMatchObject({ index: 0, kind, message: expect.stringMatching(message) });
  });
});
