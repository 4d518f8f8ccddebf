import { oneLine } from '@od-vae/core/base';
import { CommanderError } from 'commander';

import { Interrupted } from './interrupted.ts';
import { systemReason } from './system-reason.ts';
import { UsageError } from './usage-error.ts';

/** What the user is told of an error, and the exit code of the process. */
export interface Explanation {
  /** One line that ends in a full stop; undefined where the command's help says it. */
  readonly sentence: string | undefined;
  readonly exitCode: number;
}

/** Turns whatever a command threw into one sentence and an exit code. */
export function explainError(error: unknown, signal: AbortSignal): Explanation {
  if (signal.aborted && signal.reason instanceof Interrupted) {
    return { sentence: signal.reason.message, exitCode: 130 };
  }
  if (error instanceof CommanderError) return { sentence: commanderSentence(error), exitCode: 2 };
  if (error instanceof UsageError) return { sentence: asSentence(error.message), exitCode: 2 };
  return { sentence: asSentence(systemSentence(error) ?? (error as Error)?.message ?? String(error)), exitCode: 1 };
}

/** Without a command, commander has already printed the help. */
function commanderSentence({ code, message }: CommanderError): string | undefined {
  return code === 'commander.help' ? undefined : asSentence(message.replace(/^error: /, ''));
}

function systemSentence(error: unknown): string | undefined {
  const reason = systemReason(error);
  if (reason === undefined) return undefined;
  const { path, syscall } = error as NodeJS.ErrnoException;
  return path === undefined ? `${syscall ?? 'a file'} failed: ${reason}` : `"${path}": ${reason}`;
}

function asSentence(text: string): string {
  const line = oneLine(text.replaceAll(/\s*\n\s*/g, ' ').trim());
  return /[.!?)]$/.test(line) ? line : `${line}.`;
}
