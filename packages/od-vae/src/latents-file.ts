import { MediaError } from '@od-vae/core';
import { openCheckpoint, writeSafetensors } from '@od-vae/weights';

import type { LatentChunk } from './latents.ts';

const FORMAT = 'od-vae latents';

/** What a latents file says beside its latents: all that decoding needs. */
export interface LatentsInfo {
  /** The model that made them, as it was named. */
  readonly model: string;
  /** Frames that decoding keeps. */
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** What a diffusion model multiplies the latents with; the file holds them unscaled. */
  readonly scalingFactor: number;
  /** `mode`, or `sample` with its seed. */
  readonly posterior: string;
}

/** A latents file that has been read. */
export interface LatentsFile {
  readonly info: LatentsInfo;
  readonly chunk: LatentChunk;
}

/**
 * Writes latents as one safetensors file: `latents`, float32 `[1, channels, time, height, width]` as PyTorch has them, and
 * {@link LatentsInfo} as metadata. The file appears when it is whole.
 */
export async function writeLatentsFile(
  path: string,
  chunks: readonly LatentChunk[],
  info: LatentsInfo,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const [, height, width, channels] = chunks[0]!.shape;
  const time = chunks.reduce((sum, { shape }) => sum + shape[0], 0);
  const data = channelsFirst(chunks, time, height * width, channels);
  const metadata = {
    format: FORMAT,
    ...Object.fromEntries(Object.entries(info).map(([key, value]) => [key, String(value)])),
  };
  const latents = {
    name: 'latents',
    dtype: 'F32' as const,
    shape: [1, channels, time, height, width],
    bytes: async () => new Uint8Array(data.buffer),
  };
  await writeSafetensors(path, [latents], { metadata, signal });
}

function channelsFirst(chunks: readonly LatentChunk[], time: number, area: number, channels: number): Float32Array {
  const result = new Float32Array(time * area * channels);
  let offset = 0;
  for (const { data } of chunks) {
    for (let position = 0; position < data.length / channels; position++) {
      for (let channel = 0; channel < channels; channel++) {
        result[channel * time * area + offset + position] = data[position * channels + channel]!;
      }
    }
    offset += data.length / channels;
  }
  return result;
}

/**
 * Reads a latents file.
 *
 * @throws MediaError when it is none, or its metadata makes no sense.
 */
export async function readLatentsFile(source: string | URL | Blob): Promise<LatentsFile> {
  const file = await openCheckpoint(source);
  try {
    const latents = file.tensors.get('latents');
    if (file.metadata['format'] !== FORMAT || latents?.shape.length !== 5 || latents.shape[0] !== 1) {
      throw new MediaError(
        `${file.label}: a latents file must hold "latents" [1, channels, time, height, width] and say "${FORMAT}", but this one does not.`,
      );
    }
    const [, channels, time, height, width] = latents.shape as [number, number, number, number, number];
    const data = channelsLast(await latents.float32(), channels, time * height * width);
    return { info: parseInfo(file.label, file.metadata), chunk: { data, shape: [time, height, width, channels] } };
  } finally {
    await file.close();
  }
}

function channelsLast(values: Float32Array, channels: number, positions: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let position = 0; position < positions; position++) {
      result[position * channels + channel] = values[channel * positions + position]!;
    }
  }
  return result;
}

function parseInfo(label: string, metadata: Readonly<Record<string, string>>): LatentsInfo {
  const number = (key: keyof LatentsInfo, isRight: (value: number) => boolean): number => {
    const value = Number(metadata[key]);
    if (!metadata[key] || !Number.isFinite(value) || !isRight(value)) {
      throw new MediaError(
        `${label}: the metadata's "${key}" must be a positive number, but is "${metadata[key] ?? ''}".`,
      );
    }
    return value;
  };
  const isCount = (value: number) => Number.isInteger(value) && value > 0;
  return {
    model: metadata['model'] ?? 'small',
    frames: number('frames', isCount),
    width: number('width', isCount),
    height: number('height', isCount),
    fps: number('fps', (value) => value > 0),
    scalingFactor: number('scalingFactor', (value) => value > 0),
    posterior: metadata['posterior'] ?? 'mode',
  };
}
