import pc from 'picocolors';

import type { Streams } from '../streams.ts';
import type { OutputFlags } from './output-options.ts';

/** One line of a table; a missing value leaves the line out. */
export type Row = readonly [label: string, value: string | number | undefined];

/**
 * Prints what a command found: `report` as one JSON object, or `rows` as a table of two columns.
 *
 * What is undefined becomes null in JSON, so that every field of a report is always there.
 */
export function printReport(streams: Streams, flags: OutputFlags, report: object, rows: readonly Row[]): void {
  streams.stdout.write(
    flags.json ? `${JSON.stringify(report, (_, value: unknown) => value ?? null)}\n` : formatTable(rows, streams),
  );
}

/** Prints a remark on stderr, unless the user wants none. */
export function printNote(streams: Streams, flags: OutputFlags, note: string | undefined): void {
  if (note !== undefined && !flags.quiet) streams.stderr.write(`od-vae: ${note}\n`);
}

function formatTable(rows: readonly Row[], streams: Streams): string {
  const { dim } = pc.createColors(hasColours(streams));
  const filled = rows.filter(([, value]) => value !== undefined);
  const width = Math.max(...filled.map(([label]) => label.length));
  return filled.map(([label, value]) => `${dim(label.padEnd(width))}  ${value}\n`).join('');
}

function hasColours({ stdout, env }: Streams): boolean {
  const forced = env['FORCE_COLOR'];
  return forced ? forced !== '0' : stdout.isTTY === true && !env['NO_COLOR'];
}
