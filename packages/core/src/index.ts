export { BackendError, CheckpointError, ConfigError, MediaError, OdVaeError, ShapeError } from './errors.ts';
export { consume, foldTime, sliceFrames, unfoldTime } from './frames.ts';
export { defineKernel, fusableKernels, type Reference, referenceOf, withOpenTape } from './kernel.ts';
export {
  biasParam,
  bindParams,
  constant,
  countParams,
  disposeParams,
  type Fill,
  initParams,
  kernelParam,
  listNames,
  mapSpec,
  normalSource,
  param,
  paramLeaves,
  type ParamsOf,
  type ParamSpec,
  type ParamTree,
  scaleParam,
  sizeOf,
  type SpecTree,
  type StoredLayout,
  uniform,
  uniformSource,
  zeroParams,
} from './params.ts';
export type { LongCallOptions, Progress } from './progress.ts';
export type { SourceTensor, TensorSource } from './tensor-source.ts';
