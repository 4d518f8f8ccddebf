import { countOdVaeParams, type OdVaeConfig, peakValues, strides } from '@od-vae/models';
import type { Tiling } from '@od-vae/tiling';

/** What is known of a video before it is read. */
export interface VideoSize {
  readonly width: number;
  readonly height: number;
  /** Unknown where only reading it would tell. */
  readonly frames?: number | undefined;
}

/** What a job needs at its worst moment, in bytes; sums of what the process holds, code and runtime included. */
export interface MemoryEstimate {
  readonly total: number;
  /** The runtime, the video codecs and the scratch of a backend's threads. */
  readonly base: number;
  readonly weights: number;
  /** What the model holds while it computes one tile. */
  readonly activations: number;
  /** Frames of one group: those that were read, their clip, and those that are rebuilt. */
  readonly frames: number;
  /** The largest tensor of a tile, one of the activations: a GPU holds it in one buffer. */
  readonly largestTensor: number;
}

/** How much a backend holds for each value that our own kernels would. */
interface BackendMemory {
  readonly weights: number;
  readonly activations: number;
  /** Copies of a frame's attention scores. */
  readonly scores: number;
}

const FUSED: BackendMemory = { weights: 1, activations: 1, scores: 0 };
const STOCK: BackendMemory = { weights: 1, activations: 2, scores: 2 };

/** Measured in Node 20 on Linux: a process that has rebuilt a small mp4. */
const BASE_BYTES = 300e6;

/** Bytes for each pixel of a group: one clip of floats, its frames in bytes, and those that wait to be compared. */
const BYTES_PER_PIXEL = 12 + 3 + 3;

/** Where tiles in space become one picture: the finished part of it, beside the tile that is computed. */
const BYTES_PER_TILED_PIXEL = 12;

/** Frames that are read ahead and that wait to be written. */
const WAITING_BYTES = 2 * 2 ** 26;

/**
 * What encoding and decoding a video in tiles needs, on a backend.
 *
 * The activations are exact for the backend `simd`; what a process holds beside them varies by some tens of MB.
 */
export function estimateMemory(
  config: OdVaeConfig,
  backend: string,
  tiling: Tiling,
  { width, height, frames = Infinity }: VideoSize,
): MemoryEstimate {
  const memory = backend === 'simd' ? FUSED : STOCK;
  const { time: stride, space } = strides(config);
  const side = (length: number, square: number) => Math.min(Math.ceil(length / space) * space, square);
  const { sampleSize, latentSize } = tiling.spatial ?? { sampleSize: Infinity, latentSize: Infinity };
  const encoded = {
    time: Math.min(tiling.frames, frames),
    height: side(height, sampleSize),
    width: side(width, sampleSize),
  };
  const latentFrames = Math.ceil(frames / stride + (stride - 1) / stride);
  const decoded = {
    time: Math.min(tiling.latents, latentFrames),
    height: side(height, latentSize * space) / space,
    width: side(width, latentSize * space) / space,
  };
  const peaks = [peakValues(config, 'encode', encoded), peakValues(config, 'decode', decoded)];
  const group = Math.min(Math.max(tiling.frames, (tiling.latents - 1) * stride + 1), frames);
  const pixels = group * width * height;
  const waiting = Math.min(WAITING_BYTES, 6 * pixels);
  const parts = {
    base: BASE_BYTES,
    weights: 4 * memory.weights * countOdVaeParams(config).total,
    activations:
      4 * Math.max(...peaks.map((peak) => memory.activations * peak.activations + memory.scores * peak.scores)),
    frames: (BYTES_PER_PIXEL + (tiling.spatial ? BYTES_PER_TILED_PIXEL : 0)) * pixels + waiting,
  };
  const largestTensor = 4 * Math.max(...peaks.map(({ largest }) => largest));
  return { total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0), ...parts, largestTensor };
}
