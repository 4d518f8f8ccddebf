import '@od-vae/layers';

import { fusableKernels, gradientKernelsOf } from '@od-vae/core';
import { getKernel } from '@tensorflow/tfjs-core';

/** Which of the kernels that a backend may bring it has itself; for the others references in stock ops run. */
export interface KernelCoverage {
  readonly own: readonly string[];
  readonly toDo: readonly string[];
}

/** What a backend that is registered has, and has not, of the ops of all packages imported so far and of their gradients. */
export function kernelCoverage(backend: string): KernelCoverage {
  const names = fusableKernels().flatMap((op) => [op, ...Object.keys(gradientKernelsOf(op)!)]);
  const isOwn = (name: string) => getKernel(name, backend) !== undefined;
  return { own: names.filter(isOwn), toDo: names.filter((name) => !isOwn(name)) };
}
