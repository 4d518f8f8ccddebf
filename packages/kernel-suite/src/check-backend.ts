import { onBackend } from '@od-vae/test-utils';
import { engine } from '@tensorflow/tfjs-core';

import type { BackendCase } from './backend-case.ts';
import { modelCases } from './model-cases.ts';
import { opCases } from './op-cases.ts';
import { largestError, type Values } from './values.ts';

/** All cases, in the order in which they are told. */
export const backendCases: readonly BackendCase[] = [...opCases, ...modelCases];

/** How one case went on a backend. */
export interface CaseResult {
  readonly name: string;
  readonly op: string | undefined;
  /** Largest error, as a part of the largest number of a tensor; infinite where the case failed. */
  readonly error: number;
  readonly tolerance: number;
  /** Why it failed, where it did. */
  readonly reason: string | undefined;
}

const expected = new Map<BackendCase, Promise<Values[]>>();

/**
 * Runs a case on the backend in use, and compares with the references on `cpu`, whose results are kept.
 *
 * What the backend throws is a result too; a tensor that is left behind is an error.
 */
export async function checkCase(one: BackendCase): Promise<CaseResult> {
  const { name, op, tolerance } = one;
  if (!expected.has(one))
    expected.set(
      one,
      onBackend('cpu', () => one.run()),
    );
  const right = await expected.get(one)!;
  const before = engine().memory().numTensors;
  try {
    const error = largestError(await one.run(), right);
    const left = engine().memory().numTensors - before;
    if (left !== 0) return { name, op, error: Infinity, tolerance, reason: `it leaves ${left} tensors behind` };
    return { name, op, error, tolerance, reason: undefined };
  } catch (error) {
    return { name, op, error: Infinity, tolerance, reason: (error as Error).message };
  }
}
