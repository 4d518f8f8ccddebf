import type { LatentChunk } from './latents.ts';

/** Latents of consecutive frames, as `encodeVideo` yields them. */
export interface EncodedChunk extends LatentChunk {
  /** Video frames that these latents encode, without padding. */
  readonly frames: number;
  /** Index of the first of these frames among all that are encoded. */
  readonly start: number;
  /** Timestamp of the first of these frames, in seconds. */
  readonly time: number;
  /** Seed of the draw; present when `sample` is set. */
  readonly seed?: number | undefined;
}

interface PlaceOptions {
  /** Frames per latent frame after the first, which encodes one frame. */
  readonly stride: number;
  /** Timestamps of the frames that have been read so far. */
  readonly timestamps: readonly number[];
  readonly seed: number | undefined;
}

/** Adds to each chunk which frames it encodes. */
export async function* placeChunks(
  chunks: AsyncIterable<LatentChunk>,
  { stride, timestamps, seed }: PlaceOptions,
): AsyncGenerator<EncodedChunk, void, undefined> {
  let start = 0;
  for await (const chunk of chunks) {
    const encoded = chunk.shape[0] * stride - (start === 0 ? stride - 1 : 0);
    const frames = Math.min(encoded, timestamps.length - start);
    yield { ...chunk, frames, start, time: timestamps[start]!, ...(seed !== undefined && { seed }) };
    start += encoded;
  }
}
