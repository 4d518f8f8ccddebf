import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import type { Answer, Case, Command } from './protocol.ts';
import { secondsOf } from './seconds-of.ts';

/** What a contender in JavaScript consists of. */
export interface Served {
  readonly version: string;
  /** Makes everything that a case needs; gives what is measured. */
  prepare(one: Case, threads: number): Promise<() => void | Promise<void>>;
}

/** Takes commands from stdin and answers on stdout until it is told to end. */
export async function serve({ version, prepare }: Served): Promise<void> {
  answer({ version });
  let run: (() => void | Promise<void>) | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as Command;
    try {
      if (command.do === 'prepare') {
        run = await prepare(command.case, command.threads);
        answer({ prepared: true });
      } else if (command.do === 'run') {
        answer({ seconds: await secondsOf(run!) });
      } else {
        answer({ peakBytes: peakBytes() });
        process.exit(0);
      }
    } catch (error) {
      answer({ failed: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** The most memory that this process ever held, in bytes. */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  // What getrusage counts on Linux includes the process that this one was forked from.
  const [, kilobytes] = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

function answer(value: Answer): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
