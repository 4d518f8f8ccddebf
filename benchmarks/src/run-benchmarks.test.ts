import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { measureLeaks } from './leaks/measure-leaks.ts';
import { resultSchema } from './report/result.ts';
import type { runBenchmarks as RunBenchmarks } from './run-benchmarks.ts';

const BUILT = fileURLToPath(new URL('../dist/run-benchmarks.js', import.meta.url));

beforeAll(() => {
  if (!existsSync(BUILT))
    throw new Error(`The benchmarks must be built before their tests run (npx tsc -b): ${BUILT}.`);
});

describe('runBenchmarks', () => {
  it('measures every kernel and the model at tiny sizes', async () => {
    // Contenders are programs, so this is the built code; Node runs no TypeScript.
    const { runBenchmarks } = (await import(BUILT)) as { runBenchmarks: typeof RunBenchmarks };
    const { parseArguments } = await import('./parse-arguments.ts');
    const argv = ['--tiny', '--suite', 'kernels,model', '--contenders', 'simd', '--rounds', '1', '--limit', '60'];
    const lines: string[] = [];
    const result = await runBenchmarks(parseArguments(argv), (line) => lines.push(line));
    expect(resultSchema.parse(result)).toEqual(result);
    expect(result.missing).toEqual({});
    expect(result.measurements).toHaveLength(7);
    for (const one of result.measurements) {
      expect(one).toMatchObject({ contender: 'simd', note: null, peakBytes: expect.any(Number) });
      expect(one.seconds).toHaveLength(1);
    }
    expect(lines).toEqual(result.measurements.map(({ suite, title }) => `${suite}: ${title}`));
  }, 180_000);
});

describe.skipIf(process.platform !== 'linux')('rounds of one work', () => {
  it.each([
    ['encode and decode', 30, 10],
    ['two training steps', 6, 2],
  ] as const)('%s leave no tensor, thread or open file behind', async (work, rounds, every) => {
    const [first, ...later] = await measureLeaks({ work, rounds, every, threads: 2, node: process.execPath });
    expect(later.map(({ round }) => round)).toEqual([2 * every, 3 * every]);
    const { tensors, threads, files } = first!;
    expect(tensors).toBeGreaterThan(0);
    for (const sample of later) expect(sample).toMatchObject({ tensors, threads, files });
  });
});
