export { absoluteDifference } from './absolute-difference.ts';
export { adaptiveWeight } from './adaptive-weight.ts';
export { adversarialLoss, type AdversarialKind, discriminatorLoss } from './adversarial.ts';
export { batchNorm, type BatchStatistics } from './discriminator/batch-norm.ts';
export { type Discriminator, loadDiscriminator } from './discriminator/load-discriminator.ts';
export {
  defaultDiscriminator,
  type DiscriminatorConfig,
  type DiscriminatorParams,
  discriminatorSpec,
  discriminatorStatisticsSpec,
  patchDiscriminator,
  type PatchDiscriminatorOptions,
} from './discriminator/patch-discriminator.ts';
export { type ConvolutionParams, zeroPaddedConv3d } from './discriminator/zero-padded-conv3d.ts';
export {
  type AdversarialTerm,
  generatorLoss,
  type GeneratorLossOptions,
  type GeneratorTerms,
} from './generator-loss.ts';
export { klDivergence, type KlNormalizer, sampleLatents } from './kl.ts';
export { lpipsFeatures } from './lpips/features.ts';
export { loadLpips } from './lpips/load-lpips.ts';
export { featureDistance, lpips, type LpipsOptions } from './lpips/lpips.ts';
export { type LpipsParams, lpipsSpec } from './lpips/lpips-spec.ts';
export type { LpipsNetwork } from './lpips/networks.ts';
export {
  type PerceptualTerm,
  type PixelError,
  reconstructionLoss,
  type ReconstructionOptions,
  type ReconstructionTerms,
} from './reconstruction.ts';
