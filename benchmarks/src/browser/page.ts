// A contender in a page: waits to be told by `start-page.ts`, which calls what `globalThis.contender` offers.
import { SimdBackend } from '@od-vae/backend-simd';
import { backend, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';

import type { Case } from '../contenders/protocol.ts';
import { secondsOf } from '../contenders/seconds-of.ts';
import { tfjsRun } from '../contenders/tfjs-runs.ts';
import { onnxRun, type OnnxRuntime } from '../onnx/onnx-run.ts';

/** Where the server of this page has the files of onnxruntime-web. */
const ONNXRUNTIME = '/onnxruntime-web/';

let run: (() => void | Promise<void>) | undefined;

async function prepareSimd(one: Case, threads: number): Promise<void> {
  removeBackend('simd');
  registerBackend('simd', () => new SimdBackend({ threads }));
  await setBackend('simd');
  await (backend() as SimdBackend).pool.started();
  run = tfjsRun(one);
}

async function loadOnnx(): Promise<OnnxRuntime> {
  const address = new URL(`${ONNXRUNTIME}ort.wasm.min.mjs`, location.href).href;
  return (await import(/* @vite-ignore */ address)) as OnnxRuntime;
}

async function prepareOnnx(one: Case, threads: number): Promise<void> {
  const runtime = await loadOnnx();
  Object.assign(runtime.env.wasm, { numThreads: threads, wasmPaths: ONNXRUNTIME });
  run = await onnxRun(runtime, one, { executionProviders: ['wasm'] });
}

/** What the page offers to the process that drives it. */
export interface PageContender {
  version(name: 'simd' | 'onnxruntime-web'): Promise<string>;
  prepare(name: 'simd' | 'onnxruntime-web', one: Case, threads: number): Promise<void>;
  run(): Promise<number>;
}

const contender: PageContender = {
  version: async (name) =>
    name === 'simd' ? 'od-vae simd' : `onnxruntime-web ${(await loadOnnx()).env.versions.common} (wasm)`,
  prepare: (name, one, threads) => (name === 'simd' ? prepareSimd : prepareOnnx)(one, threads),
  run: () => secondsOf(run!),
};
Object.assign(globalThis, { contender });
