import { type CaseKind, type CaseResult, FAULTS } from './case-result.ts';

/** What became of the inputs of one target. */
export interface Tally {
  inputs: number;
  counts: Partial<Record<CaseKind, number>>;
  slowestMilliseconds: number;
  peakBytes: number;
  /** How often each sentence of refusal came, numbers aside; only of targets that list them. */
  refusals?: Record<string, number>;
}

/** What came of a run. */
export interface FuzzSummary {
  readonly seed: number;
  readonly machine: string;
  readonly seconds: number;
  readonly tallies: Readonly<Record<string, Tally>>;
  readonly findings: ({ readonly target: string } & CaseResult)[];
}

/** A tally before the first input. */
export function emptyTally(): Tally {
  return { inputs: 0, counts: {}, slowestMilliseconds: 0, peakBytes: 0 };
}

/** Counts one result. */
export function addResult(tally: Tally, { kind, message, milliseconds }: CaseResult): void {
  tally.inputs += 1;
  tally.counts[kind] = (tally.counts[kind] ?? 0) + 1;
  tally.slowestMilliseconds = Math.max(tally.slowestMilliseconds, milliseconds);
  if (kind === 'refused' && tally.refusals) {
    const sentence = message.replaceAll(/\d+(\.\d+)?/g, '#');
    tally.refusals[sentence] = (tally.refusals[sentence] ?? 0) + 1;
  }
}

const COLUMNS = ['refused', 'same', 'follows', ...FAULTS] as const;

/** A run as a table in Markdown, and its findings below. */
export function summaryMarkdown({ seed, machine, seconds, tallies, findings }: FuzzSummary): string {
  const rows = Object.entries(tallies).map(([name, tally]) => [
    name,
    tally.inputs,
    ...COLUMNS.map((kind) => tally.counts[kind] ?? 0),
    Math.round(tally.slowestMilliseconds),
    Math.round(tally.peakBytes / 1e6),
  ]);
  const sums = COLUMNS.map((kind) => sum(Object.values(tallies), ({ counts }) => counts[kind] ?? 0));
  const all = [
    'all',
    sum(Object.values(tallies), ({ inputs }) => inputs),
    ...sums,
    Math.max(...rows.map((row) => Number(row.at(-2)))),
    Math.max(...rows.map((row) => Number(row.at(-1)))),
  ];
  const head = ['target', 'inputs', ...COLUMNS, 'slowest ms', 'peak MB'];
  const table = [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows, all];
  const lines = table.map((row) => `| ${row.join(' | ')} |`);
  const found = findings.map(
    ({ target, index, kind, message }) => `- ${target} ${index}: ${kind}: ${message.split('\n')[0]}`,
  );
  const refusals = Object.entries(tallies).flatMap(([name, tally]) =>
    Object.entries(tally.refusals ?? {})
      .toSorted(([, left], [, right]) => right - left)
      .map(([sentence, count]) => `- ${name}: refused ${count} times: ${sentence}`),
  );
  return [
    `Seed ${seed}, ${seconds.toFixed(0)} s on ${machine}.`,
    '',
    ...lines,
    ...(found.length > 0 ? ['', ...found] : []),
    ...(refusals.length > 0 ? ['', ...refusals] : []),
    '',
  ].join('\n');
}

function sum(tallies: readonly Tally[], valueOf: (tally: Tally) => number): number {
  return tallies.reduce((total, tally) => total + valueOf(tally), 0);
}
