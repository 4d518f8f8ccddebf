export { run } from './program.ts';
export type { OutputStream, Streams } from './streams.ts';
export type { TrainConfig, TrainConfigInput } from './train/train-config.ts';
