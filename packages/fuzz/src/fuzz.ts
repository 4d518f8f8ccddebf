import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { killMarkdown } from './kill-summary.ts';
import { runFuzz } from './run-fuzz.ts';
import { type KillResult, runKills } from './run-kills.ts';
import { summaryMarkdown } from './summary.ts';

const USAGE = `npm run fuzz -- [options]

  --inputs <count>    inputs in all, shared out among the targets; 10000
  --target <name>     this target alone; may be given several times
  --seed <number>     another run; 1
  --case <index>      one input of one target, and what became of it
  --kills <count>     instead: commands killed with SIGKILL at random moments
  --out <folder>      where the summary goes, as Markdown and JSON; reports`;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
    kills: { type: 'string' },
    out: { type: 'string', default: 'reports' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stderr.write(line);

/** Writes a summary and prints it. */
function report(name: string, markdown: string, json: unknown): void {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(`${values.out}/${name}.json`, `${JSON.stringify(json, undefined, 2)}\n`);
  writeFileSync(`${values.out}/${name}.md`, markdown);
  console.log(markdown);
}

async function fuzz(): Promise<boolean> {
  const summary = await runFuzz({
    inputs: Number(values.inputs),
    names: values.target,
    seed: Number(values.seed),
    only: values.case === undefined ? undefined : Number(values.case),
    say,
  });
  report('fuzz', summaryMarkdown(summary), summary);
  return summary.findings.length === 0;
}

function isGood({ remains, sameAfterwards, temporaryAfterwards }: KillResult): boolean {
  return remains !== 'broken' && sameAfterwards && temporaryAfterwards === 0;
}

async function kills(count: number): Promise<boolean> {
  const results = await runKills({ count, seed: Number(values.seed) }, (result) =>
    say(`${result.job}: ${result.remains}${isGood(result) ? '' : `, NOT GOOD: ${JSON.stringify(result)}`}\n`),
  );
  report('kills', killMarkdown(results), results);
  return results.every(isGood);
}

if (values.help) {
  console.log(USAGE);
} else {
  const isFine = await (values.kills === undefined ? fuzz() : kills(Number(values.kills)));
  process.exit(isFine ? 0 : 1);
}
