export { type Block, blockNamed, type BlockOptions } from './blocks.ts';
export { assertClip, assertLatents } from './check-tensor.ts';
export { type DecoderLevel, type EncoderLevel, type OdVaeConfig, type OfficialConfig, parseConfig } from './config.ts';
export { describeConfig } from './describe-config.ts';
export { assertFits, type ExportedParam, exportOdVaeParams, loadOdVaeParams } from './load.ts';
export { type StoredParam, storedParams } from './names.ts';
export {
  countOdVaeParams,
  decode,
  decodeHidden,
  type DecodeOptions,
  decodePixels,
  decodeSteps,
  encode,
  type EncodeOptions,
  encodeSteps,
  type OdVaeParams,
  odVaeSpec,
  strides,
} from './od-vae.ts';
export { type CallSize, peakValues, type PeakValues } from './peak-values.ts';
export { DiagonalGaussian } from './posterior.ts';
export { releases, variants } from './presets.ts';
