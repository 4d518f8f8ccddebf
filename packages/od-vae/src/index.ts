export {
  type BestBackendOptions,
  type ClipStorage,
  currentBackend,
  hasHalfStorage,
  isSoftwareGpu,
  mayStart,
  useBackend,
  useBestBackend,
  useStorage,
} from './backend.ts';
export { checkClip } from './check-values.ts';
export { clipFromPixels, type PixelFrame } from './clip-from-pixels.ts';
export { ClipPosterior } from './clip-posterior.ts';
export type { CodeReport } from './code-report.ts';
export type { DecodeFileOptions } from './decode-file.ts';
export type { DecodeLatentsOptions } from './decode-latents.ts';
export type { EncodeFileOptions } from './encode-file.ts';
export type { PosteriorOptions, TilingChoice } from './encode-frames.ts';
export type { Extent, FramePolicy } from './frame-policy.ts';
export type { LatentChunk } from './latents.ts';
export { type LatentsInfo, modelInfo } from './latents-info.ts';
export type { EncodedChunk } from './place-chunks.ts';
export { fromPyTorch, toPyTorch } from './tensor-layouts.ts';
export { type EncodeVideoOptions, OdVae } from './od-vae.ts';
export { estimateMemory, type MemoryEstimate, type VideoSize } from './memory-estimate.ts';
export { type PlanRequest, planTiling, type TilingPlan, tilingText } from './memory-plan.ts';
export type { PlanChoice } from './plan-choice.ts';
export type { KnownLatentsInfo } from './known-info.ts';
export { type LatentsFile, type LatentsReader, openLatents, readLatentsFile } from './open-latents.ts';
export type { ResumeOptions } from './open-job.ts';
export { clipOfFrames, frameOfPicture, type RebuiltFrame } from './pixels.ts';
export type { PretrainedOptions } from './pretrained.ts';
export type { FrameScore } from './frame-scores.ts';
export type { ReconstructOptions, ReconstructReport } from './reconstruct.ts';
export type { FrameSeams, SeamReport, Seams } from './seams.ts';
export type { VideoInputOptions } from './video-input.ts';
export type { VideoOutputOptions } from './video-output.ts';
export { encodeLatents, writeLatentsFile } from './write-latents.ts';
export { DiagonalGaussian } from '@od-vae/models';
export {
  officialTiling,
  paperTiling,
  saveMemoryTiling,
  scriptTiling,
  type SpatialTiling,
  type Tiling,
  v11Tiling,
} from '@od-vae/tiling';
