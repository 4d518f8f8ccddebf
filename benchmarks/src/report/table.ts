import { vcpr } from '@od-vae/metrics';

import { variantFacts } from '../suites/cases.ts';
import type { BenchmarkResult, Measurement } from './result.ts';
import { best, median } from './statistics.ts';

/** The contender that the others are compared with, the first of these that was measured in the case. */
const YARDSTICKS = ['torch', 'onnxruntime-web', 'wasm'];

/** How many times the speed of the case's yardstick a contender has, by medians; undefined where there is none. */
export function timesYardstick(measurement: Measurement, all: readonly Measurement[]): number | undefined {
  const same = all.filter(
    ({ suite, title, seconds }) => suite === measurement.suite && title === measurement.title && seconds.length > 0,
  );
  const yardstick = YARDSTICKS.flatMap((id) => same.filter(({ contender }) => contender.startsWith(id)))[0];
  if (!yardstick || measurement.seconds.length === 0) return undefined;
  return median(yardstick.seconds) / median(measurement.seconds);
}

/** The result as Markdown. */
export function resultTable(result: BenchmarkResult): string {
  const { machine, settings, measurements, missing } = result;
  const suites = [...new Set(measurements.map(({ suite }) => suite))];
  return [
    `${machine.processor}, ${machine.cores} cores, ${settings.threads} threads, ${machine.system}, load ${machine.load[0]?.toFixed(1)}; commit ${result.commit}, ${result.date.slice(0, 10)}.`,
    ...suites.map((suite) =>
      suiteTable(
        suite,
        measurements.filter((one) => one.suite === suite),
      ),
    ),
    ...(result.leaks.length > 0 ? [leakTable(result)] : []),
    ...Object.entries(missing).map(([id, reason]) => `Not measured: ${id}: ${reason}.`),
  ].join('\n\n');
}

function suiteTable(suite: string, measurements: readonly Measurement[]): string {
  const model = suite === 'model';
  const heads = [
    'case',
    ...(model ? ['Params', 'VCPR'] : []),
    'contender',
    'median',
    'best',
    model ? 'CSpeed' : 'speed',
    'ratio',
    'peak memory',
  ];
  const rows = measurements.map((one) => [
    one.title,
    ...(model ? paperColumns(one) : []),
    one.version,
    ...timeColumns(one),
    ratioText(timesYardstick(one, measurements)),
    one.peakBytes === null ? '' : `${(one.peakBytes / 2 ** 30).toFixed(2)} GiB`,
  ]);
  return [`## ${suite}`, markdown(heads, rows)].join('\n\n');
}

function paperColumns({ variant }: Measurement): string[] {
  const { parameters, strides } = variantFacts(variant as 1 | 2 | 3 | 4);
  return [`${(parameters / 1e6).toFixed(2)}M`, `${vcpr(strides)} (${strides.join('x')})`];
}

function timeColumns(one: Measurement): string[] {
  if (one.seconds.length === 0) return [one.note ?? '', '', ''];
  return [secondsText(median(one.seconds)), secondsText(best(one.seconds)), speedText(one)];
}

/**
 * How fast a contender is, by its median.
 *
 * Kernels: operations of the direct algorithm a second, so an algorithm that needs fewer shows more than the machine can do.
 * Encoders: CSpeed, passes of the encoder a second over clips of this size (the paper's are 81x256x256, on one A100).
 * Everything else: frames a second.
 */
function speedText({ kind, work, seconds, clip: [frames] }: Measurement): string {
  const time = median(seconds);
  if (work !== null) return `${(work.amount / time / 1e9).toPrecision(3)} G${work.unit}/s`;
  if (kind === 'encode') return `${(1 / time).toFixed(3)} it/s`;
  return `${(frames / time).toFixed(2)} frames/s`;
}

function secondsText(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toPrecision(3)} ms` : `${seconds.toFixed(2)} s`;
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? '' : `${ratio.toPrecision(3)}x`;
}

function leakTable({ leaks }: BenchmarkResult): string {
  const rows = leaks.map(({ work, round, tensors, threads, files, residentBytes }) => [
    work,
    ...[round, tensors, threads, files].map(String),
    `${(residentBytes / 2 ** 20).toFixed(1)} MiB`,
  ]);
  return ['## leaks', markdown(['work', 'round', 'tensors', 'threads', 'open files', 'resident memory'], rows)].join(
    '\n\n',
  );
}

function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
