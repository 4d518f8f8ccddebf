import * as fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { isFault } from './case-result.ts';
import { runCase } from './run-case.ts';
import { targets } from './targets.ts';

/** A temporary folder of its own, so that what other tests leave is not taken for ours. */
const temporary = mkdtempSync(join(tmpdir(), 'od-vae-fuzz-test-'));
const before = process.env['TMPDIR'];
beforeAll(() => {
  process.env['TMPDIR'] = temporary;
});
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(temporary, { recursive: true, force: true });
});

/** Inputs of each; the slow ones decode video, or run a model. */
const RUNS: Readonly<Record<string, number>> = { container: 12, options: 25, image: 25, recording: 12 };

describe.each([...targets.values()])('$name', (target) => {
  it('is read right or refused in a sentence, whatever is changed in it', { timeout: 120_000 }, async () => {
    const inputs = await target.inputs();
    const property = fc.asyncProperty(inputs, async (input) => {
      const result = await runCase(target, input, 0);
      expect(isFault(result), `${result.kind}: ${result.message}\n${result.input}`).toBe(false);
    });
    // The first input loads what is loaded once and for all.
    await target.run(fc.sample(inputs, { seed: 1, numRuns: 1 })[0]).catch(() => undefined);
    await fc.assert(property, { seed: 7, numRuns: RUNS[target.name] ?? 60, interruptAfterTimeLimit: 100_000 });
    await target.close?.();
  });
});
