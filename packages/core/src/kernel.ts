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

/**
 * The kernels that a backend may provide for the gradient of an op: by name, the inputs of the op whose gradients one
 * gives, in this order. Each gets all inputs of the op, the gradient of its output as `dy`, and its attributes.
 */
export type GradientKernels<Name extends string = string> = Readonly<Record<string, readonly Name[]>>;

const references = new Map<string, Reference<NamedTensorMap, NamedAttrMap, Tensor>>();
const gradientKernels = new Map<string, GradientKernels>();

/**
 * Names an op that a backend may provide as one fused kernel.
 *
 * Where the active backend has registered `kernelName`, the op runs that kernel; everywhere else it runs `reference`.
 * Its gradient runs `gradients` where the active backend has all of them, and recomputes `reference` everywhere else.
 */
export function defineKernel<Inputs extends NamedTensorMap, Attrs extends NamedAttrMap, Output extends Tensor>(
  kernelName: string,
  inputNames: readonly (keyof Inputs & string)[],
  reference: Reference<Inputs, Attrs, Output>,
  gradients: GradientKernels<keyof Inputs & string> = {},
): (inputs: Inputs, attrs: Attrs) => Output {
  references.set(kernelName, reference as unknown as Reference<NamedTensorMap, NamedAttrMap, Tensor>);
  gradientKernels.set(kernelName, gradients);
  registerGradient({
    kernelName,
    inputsToSave: [...inputNames],
    gradFunc: (dy, saved, attrs) => {
      const fused = fusedGradients(gradients, { ...named(inputNames, saved), dy: dy as Tensor }, attrs);
      if (fused) return fused;
      const recompute = (...tensors: Tensor[]) => reference(named(inputNames, tensors) as Inputs, attrs as Attrs);
      const recomputed = withOpenTape(() => grads(recompute)(saved, dy as Tensor));
      return named(
        inputNames,
        recomputed.map((gradient) => () => gradient),
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

/** The gradient kernels of a named op, or undefined when no package that defines it has been imported. */
export function gradientKernelsOf(kernelName: string): GradientKernels | undefined {
  return gradientKernels.get(kernelName);
}

/** Names of the ops that a backend may fuse, of all packages imported so far. */
export function fusableKernels(): string[] {
  return [...references.keys()].toSorted();
}

/**
 * Runs `body` on a tape of its own, so that it may differentiate inside a gradient function or a custom op: there tfjs would
 * close the outer tape, or record nothing (tfjs-core 4.22, `Engine.gradients`). What the inner tape saved is freed with it.
 */
export function withOpenTape<T>(body: () => T): T {
  const { state } = engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  state.gradientDepth = 0;
  state.kernelDepth = 0;
  try {
    return body();
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}

/**
 * Gradients by the active backend's own kernels, or undefined where it lacks one. A kernel of one gradient runs when that
 * is asked for, so gradients that nobody needs cost nothing; one of several runs at once.
 */
function fusedGradients(
  gradients: GradientKernels,
  inputs: NamedTensorMap,
  attrs: NamedAttrMap,
): Record<string, () => Tensor> | undefined {
  const kernels = Object.entries(gradients);
  const backend = getBackend();
  if (kernels.length === 0 || !kernels.every(([name]) => getKernel(name, backend))) return undefined;
  const run = (name: string) => [engine().runKernel(name, inputs, attrs)].flat() as Tensor[];
  const functions = kernels.flatMap(([name, inputNames]): [string, () => Tensor][] => {
    if (inputNames.length === 1) return [[inputNames[0]!, () => run(name)[0]!]];
    const results = run(name);
    return inputNames.map((input, index) => [input, () => results[index]!]);
  });
  return Object.fromEntries(functions);
}

function named<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]!]));
}
