import { MediaError } from '@od-vae/core';
import type { Checkpoint } from '@od-vae/weights';

/** What `od-vae inspect` says of a latents file. */
export interface LatentsReport {
  readonly kind: 'latents';
  readonly input: string;
  /** `[batch, channels, time, height, width]`, PyTorch's order. */
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly bytes: number;
  /** Every tensor of the file, `latents` among them. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  /** What the file says of the clip and the model it came from. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Tells what a latents file holds. */
export function inspectLatents(input: string, { tensors, metadata }: Checkpoint): LatentsReport {
  const latents = tensors.get('latents');
  if (!latents) throw new MediaError(`${input}: a latents file needs a tensor "latents", but has none.`);
  return {
    kind: 'latents',
    input,
    shape: latents.shape,
    dtype: latents.dtype,
    bytes: latents.byteLength,
    tensors: Object.fromEntries(Array.from(tensors, ([name, { shape }]) => [name, shape])),
    metadata,
  };
}
