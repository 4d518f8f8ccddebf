// TensorFlow.js registers its gradients with its layers package; the references need them.
import '@tensorflow/tfjs-layers';
import '@od-vae/layers';

import { referenceOf } from '@od-vae/core';
import { goldenInput } from '@od-vae/test-utils';
import {
  engine,
  getBackend,
  getKernel,
  grads,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';

import type { BackendCase } from './backend-case.ts';
import { OP_INPUTS, type OpInputs } from './op-inputs.ts';
import { valuesOf } from './values.ts';

/** Sums of some hundred products of numbers around 1, in another order than the reference's. */
const TOLERANCE = 2e-5;

/** Every op that a backend may fuse, and the gradients of all its inputs, on inputs that are hard to get right. */
export const opCases: readonly BackendCase[] = OP_INPUTS.flatMap((inputs) => [
  {
    name: `${inputs.op} of ${inputs.title}`,
    op: inputs.op,
    tolerance: TOLERANCE,
    run: () => valuesOf(tidy(() => [runOp(inputs, tensorsOf(inputs))])),
  },
  {
    name: `gradients of ${inputs.op} of ${inputs.title}`,
    op: inputs.op,
    tolerance: TOLERANCE,
    run: () => valuesOf(tidy(() => gradientsOf(inputs))),
  },
]);

function gradientsOf(inputs: OpInputs): Tensor[] {
  const tensors = tensorsOf(inputs);
  const names = Object.keys(tensors);
  const { shape } = tidy(() => runOp(inputs, tensors));
  const op = (...given: Tensor[]) =>
    runOp(inputs, Object.fromEntries(names.map((name, index) => [name, given[index]!])));
  return grads(op)(Object.values(tensors), noise(`${inputs.op}.dy`, shape));
}

/** The backend's own kernel, or else the reference in stock ops: what a layer runs. */
function runOp({ op, attributes }: OpInputs, inputs: NamedTensorMap): Tensor {
  const given = attributes as NamedAttrMap;
  if (getKernel(op, getBackend())) return engine().runKernel(op, inputs, given) as Tensor;
  return tidy(() => referenceOf(op)!(inputs, given));
}

function tensorsOf({ op, shapes, size = 1 }: OpInputs): NamedTensorMap {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, tidy(() => noise(`${op}.${name}`, shape, size))]),
  );
}

function noise(key: string, shape: readonly number[], size = 1): Tensor {
  return tensor(
    goldenInput(key, shape).map((value) => value * size),
    [...shape],
    'float32',
  );
}
