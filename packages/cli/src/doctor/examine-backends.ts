import { BackendError, disposeParams, initParams, type LongCallOptions } from '@od-vae/core';
import { decode, DiagonalGaussian, encode, type OdVaeParams, odVaeSpec, parseConfig, variants } from '@od-vae/models';
import { type Tensor5D, zeros } from '@tensorflow/tfjs-core';
import { mayStart, useBackend } from 'od-vae';

import { missingFor } from './backend-needs.ts';

/** How one backend does on this machine. */
export interface BackendReport {
  readonly name: string;
  readonly starts: boolean;
  /** Seconds in which a tiny variant 4 encodes and decodes a clip of 5x32x32, once warm; undefined where it cannot. */
  readonly seconds: number | undefined;
  /** Why it is of no use here. */
  readonly reason: string | undefined;
  /** What would make it start: one line for each thing; empty where it starts or nothing helps. */
  readonly missing: readonly string[];
}

/** What od-vae knows by name, the quickest first. */
const KNOWN = ['webgpu', 'tensorflow', 'simd', 'wasm', 'cpu'];

/** Narrow enough for the slowest backend: 32 channels, one block a level. */
const CONFIG = parseConfig({ ...variants[4], hidden_size: 32, hidden_size_mult: [1, 1, 1, 1], num_res_blocks: 1 });

/** Starts every backend and runs a tiny model on it. Progress counts backends. */
export async function examineBackends({ onProgress, signal }: LongCallOptions): Promise<BackendReport[]> {
  const reports: BackendReport[] = [];
  for (const name of KNOWN) {
    signal?.throwIfAborted();
    reports.push(await examine(name));
    onProgress?.({ phase: 'backends', done: reports.length, total: KNOWN.length });
  }
  return reports;
}

async function examine(name: string): Promise<BackendReport> {
  const failed = { name, starts: false, seconds: undefined };
  if (!mayStart(name)) return { ...failed, reason: 'not on this machine', missing: missingFor(name, 'machine') };
  let starts = false;
  try {
    await useBackend(name);
    starts = true;
    return { name, starts, seconds: await timeTinyModel(), reason: undefined, missing: [] };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof BackendError && /is not (registered|installed)/.test(message)) {
      return { ...failed, reason: 'not installed', missing: missingFor(name, 'package') };
    }
    return { ...failed, starts, reason: message, missing: [] };
  }
}

async function timeTinyModel(): Promise<number> {
  const params = initParams(odVaeSpec(CONFIG)) as OdVaeParams;
  try {
    await runOnce(params);
    const began = performance.now();
    await runOnce(params);
    return (performance.now() - began) / 1000;
  } finally {
    disposeParams(params);
  }
}

async function runOnce(params: OdVaeParams): Promise<void> {
  const clip: Tensor5D = zeros([1, 5, 32, 32, 3]);
  const moments = encode(params, clip, CONFIG);
  using posterior = new DiagonalGaussian(moments);
  const rebuilt = decode(params, posterior.mean, CONFIG);
  await rebuilt.data();
  for (const tensor of [clip, moments, rebuilt]) tensor.dispose();
}
