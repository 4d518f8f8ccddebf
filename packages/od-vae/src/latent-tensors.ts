import { MediaError } from '@od-vae/core';
import { type DType, float32FromBytes, type StoredTensor, type WritableTensor } from '@od-vae/weights';

import { channelsFirst, channelsLast } from './channel-order.ts';
import type { LatentChunk } from './latents.ts';

/** Tensors of a latents file: the latents, and what they were taken from where that is kept. */
export type LatentTensorName = 'latents' | 'mean' | 'logvar';

/** Every tensor of a chunk, in our order. */
export function chunkValues({ data, posterior }: LatentChunk): [LatentTensorName, Float32Array][] {
  const latents: [LatentTensorName, Float32Array] = ['latents', data];
  return posterior ? [latents, ['mean', posterior.mean], ['logvar', posterior.logvar]] : [latents];
}

/** A chunk as tensors `[1, channels, time, height, width]` for a file. */
export function chunkTensors(chunk: LatentChunk): WritableTensor[] {
  const [time, height, width, channels] = chunk.shape;
  return chunkValues(chunk).map(([name, values]) => ({
    name,
    dtype: 'F32',
    shape: [1, channels, time, height, width],
    bytes: async () => new Uint8Array(channelsFirst(values, channels).buffer),
  }));
}

/** Types of latents; integers are quantized values whose scale is not in the file. */
const FLOATS: ReadonlySet<DType> = new Set<DType>(['F16', 'BF16', 'F32', 'F64']);

/** Returns the only tensor of a file without metadata under the name of latents, with a batch axis if it has none. */
export function rawTensors(all: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, StoredTensor> {
  const [tensor, ...others] = all.values();
  if (!tensor || others.length > 0) return all;
  return new Map([['latents', tensor.shape.length === 4 ? { ...tensor, shape: [1, ...tensor.shape] } : tensor]]);
}

/** The latents of a file of latents, or of a part of one. */
export interface LatentTensors {
  readonly shape: LatentChunk['shape'];
  readonly tensors: ReadonlyMap<LatentTensorName, StoredTensor>;
}

/**
 * The tensors of a file of latents.
 *
 * @throws MediaError when there are none, or their shapes are not those of latents.
 */
export function latentTensors(label: string, all: ReadonlyMap<string, StoredTensor>): LatentTensors {
  const shape = all.get('latents')?.shape ?? [];
  const [batch, channels, time, height, width] = shape as [number, number, number, number, number];
  if (shape.length !== 5 || batch !== 1 || shape.includes(0)) {
    throw new MediaError(
      `${label}: a latents file must hold "latents" [1, channels, time, height, width], but this one has ` +
        `${all.has('latents') ? `[${shape}]` : 'none'}.`,
    );
  }
  const names = (['latents', 'mean', 'logvar'] as const).filter((name) => all.has(name));
  const integer = names.find((name) => !FLOATS.has(all.get(name)!.dtype));
  if (integer) {
    throw new MediaError(
      `${label}: "${integer}" must have the type ${[...FLOATS].join(', ')}, but has ${all.get(integer)!.dtype}.`,
    );
  }
  const other = names.find((name) => String(all.get(name)!.shape) !== String(shape));
  if (other) {
    throw new MediaError(`${label}: "${other}" must be [${shape}] as "latents" is, but is [${all.get(other)!.shape}].`);
  }
  return {
    shape: [time, height, width, channels],
    tensors: new Map(names.map((name) => [name, all.get(name)!])),
  };
}

/** Latent frames `begin` to `end` (exclusive) of a file; of a safetensors file no other bytes are read. */
export async function readChunk({ shape, tensors }: LatentTensors, begin: number, end: number): Promise<LatentChunk> {
  const [time, height, width, channels] = shape;
  const area = height * width;
  const values = async (name: LatentTensorName): Promise<Float32Array> => {
    const tensor = tensors.get(name)!;
    const planes = new Float32Array(channels * (end - begin) * area);
    for (let channel = 0; channel < channels; channel++) {
      const [from, to] = [(channel * time + begin) * area, (channel * time + end) * area];
      planes.set(await valuesBetween(tensor, from, to), channel * (end - begin) * area);
    }
    return channelsLast(planes, channels);
  };
  const chunk = { data: await values('latents'), shape: [end - begin, height, width, channels] as const };
  if (!tensors.has('mean') || !tensors.has('logvar')) return chunk;
  return { ...chunk, posterior: { mean: await values('mean'), logvar: await values('logvar') } };
}

async function valuesBetween(tensor: StoredTensor, begin: number, end: number): Promise<Float32Array> {
  const size = tensor.byteLength / tensor.shape.reduce((product, side) => product * side, 1);
  if (!tensor.range) return (await tensor.float32()).subarray(begin, end);
  return float32FromBytes(await tensor.range(begin * size, end * size), tensor.dtype);
}
