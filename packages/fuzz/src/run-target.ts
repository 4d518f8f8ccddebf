import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { CaseResult } from './case-result.ts';
import type { WorkerMessage, WorkerRequest } from './case-worker.ts';
import { processUsage } from './process-usage.ts';

/** What inputs may take. */
export interface Limits {
  /** Most processor time of one input; it may sleep {@link PATIENCE} times as long, as others may be busy. */
  readonly milliseconds: number;
  /** Most memory of the process that runs it, children included. */
  readonly bytes: number;
}

/** What the issue of a hang or of memory without bounds is drawn at. */
const LIMITS: Limits = { milliseconds: 10_000, bytes: 1e9 };

/** How much longer than its processor time an input may sleep until it counts as stuck. */
const PATIENCE = 6;

const POLL_MILLISECONDS = 50;

/** The built one: Node 20 runs no TypeScript. */
const WORKER = fileURLToPath(new URL('../dist/case-worker.js', import.meta.url));

/**
 * Runs a range of a target's inputs in a process of its own, and a new one after every input that ended it.
 *
 * @param hear called with every result, in order
 * @returns the most memory that was seen, in bytes
 */
export async function runTarget(
  request: WorkerRequest,
  hear: (result: CaseResult) => void,
  limits: Limits = LIMITS,
): Promise<number> {
  let peak = 0;
  for (let from = request.from; from < request.to;) {
    const ended = await runUntilFault({ ...request, from }, hear, limits);
    peak = Math.max(peak, ended.peak);
    from = ended.next;
  }
  return peak;
}

async function runUntilFault(request: WorkerRequest, hear: (result: CaseResult) => void, limits: Limits) {
  const temporary = mkdtempSync(join(tmpdir(), 'od-vae-fuzz-run-'));
  const child = fork(WORKER, {
    execArgv: ['--expose-gc', `--max-old-space-size=${Math.ceil(limits.bytes / 1e6)}`],
    env: { ...process.env, TMPDIR: temporary, NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  try {
    return await watch(child, request, hear, limits);
  } finally {
    child.kill('SIGKILL');
    rmSync(temporary, { recursive: true, force: true });
  }
}

function watch(child: ChildProcess, request: WorkerRequest, hear: (result: CaseResult) => void, limits: Limits) {
  let [current, began, peak, heard, done] = [request.from, performance.now(), 0, request.from - 1, false];
  let [input, busyBefore, slept, fresh] = ['', 0, 0, true];
  return new Promise<{ next: number; peak: number }>((resolve) => {
    const fault = (kind: CaseResult['kind'], message: string): void => {
      if (heard >= current) return;
      heard = current;
      hear({ index: current, kind, message, input, milliseconds: performance.now() - began });
    };
    const timer = setInterval(() => {
      const { bytes, milliseconds: busy, runnable } = processUsage(child.pid!);
      peak = Math.max(peak, bytes);
      if (fresh) [busyBefore, slept, fresh] = [busy, 0, false];
      // Time in which only others ran is nobody's fault.
      if (!runnable) slept += POLL_MILLISECONDS;
      const used = busy - busyBefore;
      if (bytes > limits.bytes) fault('memory', `the process holds ${Math.round(bytes / 1e6)} MB`);
      else if (used > limits.milliseconds) fault('hang', `still computing after ${(used / 1000).toFixed(1)} s`);
      else if (slept > PATIENCE * limits.milliseconds) fault('hang', `asleep for ${(slept / 1000).toFixed(1)} s`);
      else return;
      child.kill('SIGKILL');
    }, POLL_MILLISECONDS);
    child.on('message', (message: WorkerMessage) => {
      if ('began' in message) [current, began, input, fresh] = [message.began, performance.now(), message.input, true];
      else if ('done' in message) done = true;
      else if (heard < message.result.index) {
        heard = message.result.index;
        hear(message.result);
      }
    });
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      if (!done) fault('crash', `the process ended by itself with ${signal ?? `code ${code}`}`);
      resolve({ next: done ? request.to : Math.max(current, heard) + 1, peak });
    });
    child.send(request);
  });
}
