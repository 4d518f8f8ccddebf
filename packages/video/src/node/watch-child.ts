import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

/** How a running program ends, and the last thing it said about it. */
export interface ChildEnd {
  /** Its exit code; null where it was killed, -1 where it never started. */
  readonly exit: Promise<number | null>;
  /** The last line of its error output, without who says it, and without a full stop. */
  complaint(): string;
}

/** Follows a program to its end; its error output is gathered, not printed. */
export function watchChild(child: ChildProcess & { readonly stderr: Readable }): ChildEnd {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  return { exit: exitOf(child), complaint: () => plainComplaint(said.trim().split('\n').at(-1) ?? '') };
}

/** Resolves to the exit code of a program; null where it was killed, -1 where it never started. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.on('error', () => resolve(-1)).on('close', resolve);
  });
}

/** Strips what ffmpeg puts before its sentences: a part of it with an address, a level, or the name of the file. */
export function plainComplaint(line: string): string {
  if (line.includes('Assertion ')) return 'ffmpeg broke down on it';
  return line
    .replace(/^(?:\[(?:[^\]]* @ 0x[0-9a-f]+|error|fatal|panic)\] *)+/, '')
    .replace(/^file:.*: (?=[A-Z])/, '')
    .replace(/\.$/, '');
}
