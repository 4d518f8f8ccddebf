import type { KernelFunc, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

/** TensorFlow.js's kernels of two tensors. */
export const BINARY_KERNELS = [
  'Add',
  'Atan2',
  'Equal',
  'FloorDiv',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
  'Maximum',
  'Minimum',
  'Mod',
  'Multiply',
  'NotEqual',
  'Pow',
  'Prelu',
  'RealDiv',
  'SquaredDifference',
  'Sub',
] as const;

/** Axes from which TensorFlow.js's shader for a short vector beside a tensor does not compile. */
const TOO_MANY_AXES = 5;

/** A kernel of two tensors that also takes a clip beside a vector of its channels, which it is given as a matrix. */
export function binaryOr(stock: KernelFunc): KernelFunc {
  return (call) => {
    const inputs = call.inputs as NamedTensorInfoMap & Record<string, TensorInfo>;
    const isWide = Object.values(inputs).some(({ shape }) => shape.length >= TOO_MANY_AXES);
    if (!isWide) return stock(call);
    const given = Object.entries(inputs).map(([name, one]) => [
      name,
      one.shape.length === 1 ? { ...one, shape: [1, ...one.shape] } : one,
    ]);
    return stock({ ...call, inputs: Object.fromEntries(given) as NamedTensorInfoMap });
  };
}
