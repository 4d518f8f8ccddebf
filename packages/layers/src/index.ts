export {
  type AttentionParams,
  attentionSpec,
  type AttentionStorage,
  scaledDotProduct,
  scrambledAttention,
  spatialAttention,
  temporalAttention,
} from './attention.ts';
export {
  type Border,
  causalConv3d,
  type CausalConv3dOptions,
  type CausalConv3dParams,
  causalConv3dSpec,
  conv2dSpec,
  conv3dSpec,
  type Triple,
} from './causal-conv3d.ts';
export { groupNorm, type GroupNormOptions, type GroupNormParams, groupNormSilu, groupNormSpec } from './group-norm.ts';
export { perFrame } from './per-frame.ts';
export { pickFrames } from './pick-frames.ts';
export { averageTime, mixClips, type SpatialUpsample, upsampleSpace, upsampleTime } from './resample.ts';
export { type Convolution, resnetBlock, type ResnetBlockParams, resnetBlockSpec } from './resnet-block.ts';
export { upsampleConv3d, type UpsampleConv3dOptions } from './upsample-conv3d.ts';
