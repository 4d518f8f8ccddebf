import {
  engine,
  getBackend,
  getKernel,
  grads,
  registerGradient,
  tidy,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** An op in stock TensorFlow.js: the readable definition that every fused kernel of its name is tested against. */
export type Reference<Inputs extends NamedTensorMap, Attrs extends NamedAttrMap, Output extends Tensor> = (
  inputs: Inputs,
  attrs: Attrs,
) => Output;

const references = new Map<string, Reference<NamedTensorMap, NamedAttrMap, Tensor>>();

/**
 * Names an op that a backend may provide as one fused kernel.
 *
 * Where the active backend has registered `kernelName`, the op runs that kernel; everywhere else it runs `reference`.
 * The gradient of a fused kernel recomputes `reference`, unless a backend registers a gradient of its own for the name.
 */
export function defineKernel<Inputs extends NamedTensorMap, Attrs extends NamedAttrMap, Output extends Tensor>(
  kernelName: string,
  inputNames: readonly (keyof Inputs & string)[],
  reference: Reference<Inputs, Attrs, Output>,
): (inputs: Inputs, attrs: Attrs) => Output {
  references.set(kernelName, reference as unknown as Reference<NamedTensorMap, NamedAttrMap, Tensor>);
  registerGradient({
    kernelName,
    inputsToSave: [...inputNames],
    gradFunc: (dy, saved, attrs) => {
      const recompute = (...tensors: Tensor[]) => reference(named(inputNames, tensors) as Inputs, attrs as Attrs);
      const gradients = withOpenTape(() => grads(recompute)(saved, dy as Tensor));
      return named(
        inputNames,
        gradients.map((gradient) => () => gradient),
      );
    },
  });

  return (inputs, attrs) =>
    getKernel(kernelName, getBackend())
      ? (engine().runKernel(kernelName, inputs, attrs) as Output)
      : tidy(kernelName, () => reference(inputs, attrs));
}

/** The stock-op reference of a named op, or undefined when no package that defines it has been imported. */
export function referenceOf(kernelName: string): Reference<NamedTensorMap, NamedAttrMap, Tensor> | undefined {
  return references.get(kernelName);
}

/** Names of the ops that a backend may fuse, of all packages imported so far. */
export function fusableKernels(): string[] {
  return [...references.keys()].toSorted();
}

/**
 * Lets a gradient function differentiate: tfjs closes the outer tape when a nested `grads` ends at depth 0
 * (tfjs-core 4.22, `Engine.gradients`), so the nested call must run one level deeper.
 */
export function withOpenTape<T>(body: () => T): T {
  const { state } = engine();
  state.gradientDepth += 1;
  try {
    return body();
  } finally {
    state.gradientDepth -= 1;
  }
}

function named<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]!]));
}
