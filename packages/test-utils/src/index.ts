export { onBackend, useBackend, useLeakGuard } from './backends.ts';
export {
  GOLDEN_BASIS,
  type GoldenArray,
  type GoldenFile,
  goldenInput,
  goldenNoise,
  goldenWeight,
  parseGolden,
  readGolden,
} from './golden.ts';
export { channelsFirst, channelsLast, largestDifference } from './layout.ts';
export { noiseClip } from './noise-clip.ts';
export { scoped } from './scoped.ts';
