import { cpus } from 'node:os';

import { type CaseResult, isFault } from './case-result.ts';
import { runTarget } from './run-target.ts';
import { addResult, emptyTally, type FuzzSummary, type Tally } from './summary.ts';
import { targets } from './targets.ts';

/** What a run is made of. */
export interface FuzzRequest {
  /** Inputs in all. */
  readonly inputs: number;
  /** Targets that are run; undefined for all. */
  readonly names?: readonly string[] | undefined;
  readonly seed: number;
  /** One index alone. */
  readonly only?: number | undefined;
  /** Hears of progress and of every fault. */
  readonly say: (line: string) => void;
}

/** Inputs after which progress is told. */
const EVERY = 100;

/** Runs all targets one after the other, each with its share of the inputs. */
export async function runFuzz({ inputs, names, seed, only, say }: FuzzRequest): Promise<FuzzSummary> {
  const chosen = [...targets.values()].filter(({ name }) => names === undefined || names.includes(name));
  const unknown = names?.find((name) => !targets.has(name));
  if (unknown !== undefined)
    throw new Error(`There is no target ${unknown}; there are ${[...targets.keys()].join(', ')}.`);
  const weights = chosen.reduce((sum, { weight }) => sum + weight, 0);
  const began = performance.now();
  const tallies: Record<string, Tally> = {};
  const findings: FuzzSummary['findings'] = [];
  for (const { name, weight, listsRefusals } of chosen) {
    const count = Math.round((inputs * weight) / weights);
    const tally = { ...emptyTally(), ...(listsRefusals && { refusals: {} }) };
    tallies[name] = tally;
    const hear = (result: CaseResult): void => {
      addResult(tally, result);
      if (isFault(result) || only !== undefined)
        say(`\n${name} ${result.index}: ${result.kind}: ${result.message}\n  ${result.input}\n`);
      if (isFault(result)) findings.push({ target: name, ...result });
      if (tally.inputs % EVERY === 0) say(`\r${name} ${tally.inputs}/${count} `);
    };
    const [from, to] = only === undefined ? [0, count] : [only, only + 1];
    const module = new URL('../dist/targets.js', import.meta.url).href;
    tally.peakBytes = await runTarget({ module, target: name, seed, from, to }, hear);
    say(`\r${name}: ${tally.inputs} inputs\n`);
  }
  const seconds = (performance.now() - began) / 1000;
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${process.platform}, Node ${process.version}`;
  return { seed, machine, seconds, tallies, findings };
}
