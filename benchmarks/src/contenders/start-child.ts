import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { inTime } from './in-time.ts';
import type { Answer, Case, Command } from './protocol.ts';

/** A contender at work, in a process of its own. Whatever fails ends it. */
export interface Child {
  readonly version: string;
  /** Makes what a case needs. */
  prepare(one: Case): Promise<void>;
  /** Seconds of one run. */
  run(): Promise<number>;
  /** Ends the process; gives the most memory that it held, in bytes, or null where nobody knows. */
  end(): Promise<number | null>;
}

/** Options of {@link startChild}. */
export interface ChildOptions {
  readonly threads: number;
  /** Seconds after which an answer is no longer waited for. */
  readonly limit: number;
}

/**
 * Starts a program that speaks the protocol.
 *
 * @throws Error that says why it does not start, or (from its methods) why it does not do what it is told.
 */
export async function startChild(
  [program, ...args]: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
  { threads, limit }: ChildOptions,
): Promise<Child> {
  const child = spawn(program, args, {
    env: { ...process.env, OD_VAE_THREADS: String(threads), OMP_NUM_THREADS: String(threads), ...environment },
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  const next = answersOf(child, limit);
  const ask = async <Kind extends Answer>(command: Command): Promise<Kind> => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    return (await next()) as Kind;
  };
  const { version } = (await next()) as { version: string };
  return {
    version,
    prepare: async (one) => void (await ask({ do: 'prepare', case: one, threads })),
    run: async () => (await ask<{ seconds: number }>({ do: 'run' })).seconds,
    end: async () => (await ask<{ peakBytes: number }>({ do: 'end' })).peakBytes,
  };
}

/** Gives the next answer of a child, or throws and kills it. */
function answersOf(child: ChildProcessWithoutNullStreams, limit: number): () => Promise<Answer> {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.on('data', (data) => (complaint = `${complaint}${data}`.slice(-2000)));
  // A write to a child that is gone is no news beside why it went.
  child.stdin.on('error', () => undefined);
  const end = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(lastLine(complaint) ?? `it ended with ${signal ?? `code ${code}`}`));
  });
  const read = async (): Promise<Answer> => {
    const line = await Promise.race([lines.next(), end]);
    if (typeof line === 'string' || line.done) throw new Error(await end);
    const answer = JSON.parse(line.value) as Answer;
    if ('failed' in answer) throw new Error(answer.failed);
    return answer;
  };
  return async () => {
    try {
      return await inTime(read(), limit);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  };
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
