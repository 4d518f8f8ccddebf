import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { parseReport, runChild, runHere } from '../../fixtures/command.ts';
import { Interrupted } from '../interrupted.ts';

const TINY = ['--size', '5x16x24', '--rounds', '2'];

describe('od-vae bench', () => {
  it('measures the small model on the backend that would be used, and prints one JSON object', async () => {
    const outcome = await runChild(['bench', ...TINY, '--json']);
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' });
    const speed = { seconds: [expect.any(Number), expect.any(Number)], framesPerSecond: expect.any(Number) };
    expect(parseReport(outcome)).toEqual({
      model: 'small',
      parameters: expect.any(Number),
      vcpr: 256,
      backend: 'simd',
      threads: expect.any(Number),
      frames: 5,
      height: 16,
      width: 24,
      encode: speed,
      decode: speed,
      peakBytes: expect.any(Number),
    });
  });

  it('gives the speed of the median round', async () => {
    const report = parseReport(await runHere(['bench', '--size', '5x8x8', '--rounds', '3', '--json', '-b', 'wasm']));
    const { seconds, framesPerSecond } = report['encode'] as { seconds: number[]; framesPerSecond: number };
    expect(framesPerSecond).toBe(5 / seconds.toSorted((a, b) => a - b)[1]!);
    expect(report).toMatchObject({ backend: 'wasm', threads: null });
  });

  it('prints a table, shows its progress, and leaves no tensor behind', async () => {
    const { numTensors } = memory();
    const { code, stdout, stderr } = await runHere(['bench', ...TINY, '--progress', '--backend', 'wasm']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^model +small\nparameters +[\d,]+\nVCPR +256\nbackend +wasm\nclip +5x16x24\n/);
    expect(stdout).toMatch(/\nencode +[\d.]+ frames\/s\ndecode +[\d.]+ frames\/s\npeak memory +[\d.]+ [MG]B\n$/);
    expect(stderr).toMatch(/bench \[=+\] 100% \| 3\/3 \| 0:00 left/);
    expect(memory().numTensors).toBe(numTensors);
  });

  it('stops between two runs', async () => {
    const { numTensors } = memory();
    const { code } = await runHere(['bench', ...TINY, '-b', 'wasm'], AbortSignal.abort(new Interrupted('SIGINT')));
    expect(code).toBe(130);
    expect(memory().numTensors).toBe(numTensors);
  });

  it.each([
    [['--size', '16x128x128'], '4n + 1 frames'],
    [['--size', '17x100x128'], 'multiples of 8'],
    [['--variant', '4', '--model', 'small'], 'cannot be used with'],
    [['--variant', '5'], 'Allowed choices are 1, 2, 3, 4'],
  ])('refuses %j', async (argv, text) => {
    const { code, stderr } = await runHere(['bench', ...argv]);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });
});
