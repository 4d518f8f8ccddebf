export { run } from './program.ts';
export type { OutputStream, Streams } from './streams.ts';
