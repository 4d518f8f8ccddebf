import { sizeOf } from '@od-vae/core/base';

import type { Case } from '../contenders/protocol.ts';
import { randomValues } from '../contenders/random-values.ts';
import { onnxKernel } from './onnx-kernels.ts';
import { onnxModel } from './onnx-model.ts';

/** What both packages of onnxruntime offer and this project uses; they are installed apart, so their types are not here. */
export interface OnnxRuntime {
  readonly env: { readonly versions: { readonly common: string }; readonly wasm: Record<string, unknown> };
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<{ run(feeds: Record<string, unknown>): Promise<unknown> }>;
  };
  readonly Tensor: new (type: 'float32', values: Float32Array, shape: readonly number[]) => unknown;
}

/** What a case measures, on onnxruntime. Only kernels: nobody publishes OD-VAE as ONNX. */
export async function onnxRun(runtime: OnnxRuntime, one: Case, options: object): Promise<() => Promise<void>> {
  if (!('channels' in one)) throw new TypeError(`onnxruntime computes kernels only, not ${one.kind}.`);
  const model = onnxKernel(one);
  const session = await runtime.InferenceSession.create(onnxModel(model), options);
  const feeds = Object.fromEntries(
    Object.entries(model.inputs).map(([name, shape]) => [
      name,
      new runtime.Tensor('float32', randomValues(sizeOf(shape)), shape),
    ]),
  );
  return async () => {
    await session.run(feeds);
  };
}
