export {
  BackendError,
  CheckpointError,
  ConfigError,
  listNames,
  type LongCallOptions,
  MediaError,
  normalSource,
  OdVaeError,
  type Progress,
  ShapeError,
  sizeOf,
  type SourceTensor,
  type TensorSource,
  uniformSource,
} from './base.ts';
export { checkpointed } from './checkpointed.ts';
export { consume, foldTime, sliceFrames, unfoldTime } from './frames.ts';
export {
  defineKernel,
  fusableKernels,
  type GradientKernels,
  gradientKernelsOf,
  type Reference,
  referenceOf,
  withOpenTape,
} from './kernel.ts';
export {
  biasParam,
  constant,
  countParams,
  disposeParams,
  type Fill,
  initParams,
  kernelParam,
  mapParams,
  mapSpec,
  param,
  paramLeaves,
  paramTensors,
  type ParamsOf,
  type ParamSpec,
  type ParamTree,
  scaleParam,
  type SpecTree,
  type StoredLayout,
  uniform,
} from './params.ts';
export { fromStored, storedShape, toStored } from './stored-layout.ts';
