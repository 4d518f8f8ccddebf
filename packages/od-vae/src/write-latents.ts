import type { LongCallOptions } from '@od-vae/core';
import { encodeSafetensors, writeSafetensors, type WritableTensor } from '@od-vae/weights';

import { channelsFirst } from './channel-order.ts';
import { chunkValues, type LatentTensorName } from './latent-tensors.ts';
import { type LatentsInfo, metadataOf } from './latents-info.ts';
import type { LatentChunk } from './latents.ts';

/** Latents of any length that are asked for channel by channel, in the order in which a file holds them. */
export interface LatentPlanes {
  /** Of all latents. */
  readonly shape: LatentChunk['shape'];
  readonly names: readonly LatentTensorName[];
  /** Bytes of one channel of all frames, as float32. */
  plane(name: LatentTensorName, channel: number): AsyncIterable<Uint8Array>;
}

/**
 * Writes latents as one safetensors file: `latents`, float32 `[1, channels, time, height, width]` as PyTorch has them,
 * `mean` and `logvar` where the chunks have a posterior, and {@link LatentsInfo} as metadata.
 *
 * The file appears when it is whole.
 */
export async function writeLatentsFile(
  path: string,
  chunks: readonly LatentChunk[],
  info: LatentsInfo,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  await writeLatentPlanes(path, planesOfChunks(chunks), info, { signal });
}

/** {@link writeLatentsFile} of latents that need not be in memory. */
export async function writeLatentPlanes(
  path: string,
  planes: LatentPlanes,
  info: LatentsInfo,
  options: LongCallOptions = {},
): Promise<void> {
  await writeSafetensors(path, tensorsOf(planes), { metadata: metadataOf(info), ...options });
}

/**
 * The bytes of the file that {@link writeLatentsFile} writes, for where there are no files, as in a page.
 *
 * @returns what `openLatents`, and `od-vae decode` of the command line, read
 */
export function encodeLatents(chunks: readonly LatentChunk[], info: LatentsInfo): Promise<Uint8Array<ArrayBuffer>> {
  return encodeSafetensors(tensorsOf(planesOfChunks(chunks)), { metadata: metadataOf(info) });
}

function tensorsOf({ shape, names, plane }: LatentPlanes): WritableTensor[] {
  const [time, height, width, channels] = shape;
  return names.map((name): WritableTensor => ({
    name,
    dtype: 'F32',
    shape: [1, channels, time, height, width],
    bytes: () => Promise.reject(new Error('The bytes of latents come in pieces.')),
    async *pieces() {
      for (let channel = 0; channel < channels; channel++) yield* plane(name, channel);
    },
  }));
}

function planesOfChunks(chunks: readonly LatentChunk[]): LatentPlanes {
  const [, height, width, channels] = chunks[0]!.shape;
  const time = chunks.reduce((sum, { shape }) => sum + shape[0], 0);
  const names = chunkValues(chunks[0]!).map(([name]) => name);
  return {
    shape: [time, height, width, channels],
    names,
    async *plane(name, channel) {
      for (const chunk of chunks) {
        const values = new Map(chunkValues(chunk)).get(name)!;
        const plane = channelsFirst(values, channels);
        const length = values.length / channels;
        yield new Uint8Array(plane.buffer, channel * length * 4, length * 4);
      }
    },
  };
}
