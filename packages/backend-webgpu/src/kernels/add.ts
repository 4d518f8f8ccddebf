import { sizeOf } from '@od-vae/core';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';

import { addHalvesProgram, WIDENED_TOGETHER } from '../programs/half.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';

/** TensorFlow.js's `Add`, which a sum of two clips of one shape that are stored in 16 bits does not widen. */
export function addOr(stock: KernelFunc): KernelFunc {
  return (call) => addHalves(call.backend as WebgpuBackend, call.inputs['a']!, call.inputs['b']!) ?? stock(call);
}

function addHalves(backend: WebgpuBackend, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  const { tensors, half: areHalves } = backend.storedAlike([a, b]);
  if (!areHalves || a.shape.join() !== b.shape.join()) return undefined;
  const { info, tensor, half } = backend.clipOutput('add', a.shape);
  const total = sizeOf(a.shape) / 4;
  backend.dispatch(addHalvesProgram(half), {
    reads: tensors,
    writes: [tensor],
    sizes: { total },
    groups: [Math.ceil(total / WIDENED_TOGETHER)],
  });
  return info;
}
