// What needs no tensors: packages that only read files or compare numbers do not load TensorFlow.js for it.
export { BackendError, CheckpointError, ConfigError, MediaError, OdVaeError, ShapeError } from './errors.ts';
export { environment } from './environment.ts';
export { hasNode } from './has-node.ts';
export { isHiddenName, isSystemFile } from './hidden-name.ts';
export { listNames, listPrefixes } from './list-names.ts';
export { oneLine } from './one-line.ts';
export type { LongCallOptions, Progress } from './progress.ts';
export { mixSeeds, normalSource, randomSeed, uniformSource } from './random.ts';
export { sizeOf } from './size-of.ts';
export type { SourceTensor, TensorSource } from './tensor-source.ts';
