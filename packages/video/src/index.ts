export { checkEngines } from './check-engines.ts';
export { codecReport, type CodecReport } from './codec-report.ts';
export type { EngineReport } from './node/check-engines.ts';
export { createVideoWriter } from './create-video-writer.ts';
export type { LiveSource } from './live-source.ts';
export { openVideo } from './open-video.ts';
export type { Pixels } from './picture.ts';
export { probeVideo } from './probe-video.ts';
export { resizePixels } from './resize-pixels.ts';
export type {
  Colour,
  ColourMatrix,
  Frame,
  MediaEngine,
  ReadOptions,
  VideoFormat,
  VideoInfo,
  VideoReader,
  VideoSource,
  VideoWriter,
  WritableCodec,
  WritableTarget,
  WriteChunk,
  WriterOptions,
} from './types.ts';
