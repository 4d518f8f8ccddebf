import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { writeAtomically } from '@od-vae/core/files';

import type { Settings } from '../parse-arguments.ts';
import { ratioPlot } from './plot.ts';
import { type BenchmarkResult, resultSchema } from './result.ts';
import { resultTable } from './table.ts';

/** Writes the files that the settings ask for: everything as JSON, the table as Markdown, a plot for each suite as SVG. */
export async function writeResult(
  result: BenchmarkResult,
  { json, output }: Pick<Settings, 'json' | 'output'>,
): Promise<void> {
  const checked = resultSchema.parse(result);
  if (json !== undefined) await writeWhole(json, `${JSON.stringify(checked, undefined, 2)}\n`);
  if (output === undefined) return;
  await writeWhole(join(output, 'results.md'), `${resultTable(result)}\n`);
  for (const suite of new Set(result.measurements.map((one) => one.suite))) {
    const svg = await ratioPlot(result, suite);
    if (svg !== undefined) await writeWhole(join(output, `${suite}.svg`), svg);
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, text);
}
