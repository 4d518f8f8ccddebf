import type { KernelConfig } from '@tensorflow/tfjs-core';

import { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './conv2d.ts';
import { conv3d, conv3dBackpropFilter, conv3dBackpropInput } from './conv3d.ts';
import { copies } from './copies.ts';
import { elementwiseKernels } from './elementwise.ts';
import { batchMatMul, fusedMatMul } from './matrix-multiplication.ts';
import { pooling } from './pooling.ts';
import { reductions } from './reductions.ts';

/** TensorFlow.js's own ops, where they are hot in training. */
export const stockKernels: readonly KernelConfig[] = [
  batchMatMul,
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  conv3d,
  conv3dBackpropFilter,
  conv3dBackpropInput,
  ...copies,
  ...elementwiseKernels,
  fusedMatMul,
  ...pooling,
  ...reductions,
];
