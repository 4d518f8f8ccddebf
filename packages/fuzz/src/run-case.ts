import { engine } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';

import type { CaseResult } from './case-result.ts';
import { SilentError, type Target } from './target.ts';

/** The input of a target for one index; the same numbers always give the same one. */
export function inputAt<Input>(inputs: fc.Arbitrary<Input>, seed: number, index: number): Input {
  return fc.sample(inputs, { seed: (Math.imul(seed, 0x9e37_79b1) + index) | 0, numRuns: 1 })[0]!;
}

/** Runs one input of a target and tells what became of it; whatever is thrown is part of the answer. */
export async function runCase(target: Target, input: unknown, index: number): Promise<CaseResult> {
  const before = held();
  const began = performance.now();
  const outcome = await outcomeOf(target, input);
  const milliseconds = performance.now() - began;
  const left = await leftSince(before);
  const result = left === undefined ? outcome : { kind: 'leak' as const, message: `${left} (${outcome.message})` };
  return { index, ...result, input: target.describe(input), milliseconds };
}

async function outcomeOf(target: Target, input: unknown): Promise<Pick<CaseResult, 'kind' | 'message'>> {
  try {
    const verdict = await target.run(input);
    return { kind: verdict.kind, message: verdict.kind === 'refused' ? verdict.sentence : '' };
  } catch (error) {
    if (error instanceof SilentError) return { kind: 'silent', message: error.message };
    const { stack, message } = error as Error;
    return { kind: 'crash', message: (stack ?? message).slice(0, 1500) };
  }
}

interface Held {
  readonly tensors: number;
  readonly files: number;
  readonly temporary: readonly string[];
}

function held(): Held {
  return { tensors: engine().state.numTensors, files: openFiles(), temporary: readdirSync(tmpdir()) };
}

/** What is held now and was not before; things that end a moment later are waited for. */
async function leftSince(before: Held): Promise<string | undefined> {
  for (let wait = 1; ; wait *= 4) {
    const now = held();
    const left = [
      now.tensors > before.tensors && `${now.tensors - before.tensors} tensors are left`,
      now.files > before.files && `${now.files - before.files} files are still open`,
      now.temporary.length > before.temporary.length &&
        `the temporary folder holds ${now.temporary.filter((name) => !before.temporary.includes(name))}`,
    ].filter((text) => text !== false);
    if (left.length === 0) return undefined;
    if (wait > 300) return left.join(', ');
    await new Promise((done) => setTimeout(done, wait));
  }
}

/** Files of this process that are open, where the system tells; pipes, sockets and devices of the runtime do not count. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').filter((one) => isFile(`/proc/self/fd/${one}`)).length;
  } catch {
    return 0;
  }
}

function isFile(link: string): boolean {
  try {
    return /^\/(?!dev\/|proc\/)/.test(readlinkSync(link));
  } catch {
    return false;
  }
}
