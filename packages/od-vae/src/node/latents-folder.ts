import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MediaError } from '@od-vae/core';
import { type Checkpoint, openCheckpoint } from '@od-vae/weights';

import { type KnownLatentsInfo, withKnown } from '../known-info.ts';
import { type LatentTensors, latentTensors } from '../latent-tensors.ts';
import { LATENTS_FORMAT, type LatentsInfo, metadataOf, parseLatentsInfo } from '../latents-info.ts';
import type { LatentChunk } from '../latents.ts';
import { chunksOf, type LatentsReader } from '../open-latents.ts';
import type { LatentPlanes } from '../write-latents.ts';
import { INDEX, type JobFolder, partName } from './job-folder.ts';

/** Opens one part after another; it is closed when the next is asked for. */
async function* partsOf(
  label: string,
  count: number,
  open: (index: number) => Promise<Checkpoint>,
): AsyncGenerator<LatentTensors, void, undefined> {
  for (let index = 0; index < count; index++) {
    await using part = await open(index);
    yield latentTensors(`part ${index} of ${label}`, part.tensors);
  }
}

/** The latents of a job whose parts are all there, channel by channel. */
export async function planesOfParts(job: JobFolder, count: number): Promise<LatentPlanes> {
  const parts = () => partsOf(`"${job.path}"`, count, (index) => job.read('latents', index));
  let time = 0;
  let first: LatentTensors | undefined;
  for await (const part of parts()) {
    first ??= part;
    time += part.shape[0];
  }
  const [, height, width, channels] = first!.shape;
  return {
    shape: [time, height, width, channels],
    names: [...first!.tensors.keys()],
    async *plane(name, channel) {
      for await (const { shape, tensors } of parts()) {
        const bytes = 4 * shape[0] * height * width;
        yield await tensors.get(name)!.range!(channel * bytes, (channel + 1) * bytes);
      }
    },
  };
}

/** What a folder of `count` parts says of itself. */
export function indexOf(info: LatentsInfo, shape: LatentChunk['shape'], count: number): object {
  return { ...metadataOf(info), parts: count, shape };
}

/**
 * Opens a folder of latents.
 *
 * @throws MediaError when the folder is none, or is not complete.
 */
export async function openLatentsFolder(path: string, known: KnownLatentsInfo = {}): Promise<LatentsReader> {
  const label = `"${path}"`;
  const text = await readFile(join(path, INDEX), 'utf8').catch((cause: unknown) => {
    throw new MediaError(`${label}: a folder of latents must hold "${INDEX}", which is written last; it has none.`, {
      cause,
    });
  });
  const { parts, shape, metadata } = parseIndex(label, text);
  const close = async () => undefined;
  return {
    info: parseLatentsInfo(label, withKnown(label, metadata, known)),
    shape,
    async *chunks() {
      let time = 0;
      for await (const part of partsOf(label, parts, (index) =>
        openCheckpoint(join(path, partName('latents', index))),
      )) {
        if (String(part.shape.slice(1)) !== String(shape.slice(1))) {
          throw new MediaError(
            `${label}: its parts must hold latents of [${shape.slice(1)}], but one of [${part.shape.slice(1)}] came.`,
          );
        }
        time += part.shape[0];
        yield* chunksOf(part);
      }
      if (time !== shape[0]) {
        throw new MediaError(`${label}: its parts must hold ${shape[0]} latent frames, but hold ${time}.`);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function parseIndex(label: string, text: string) {
  const refuse = () =>
    new MediaError(
      `${label}: its "${INDEX}" must say "${LATENTS_FORMAT}", its shape and its number of parts, but does not.`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse();
  }
  const { parts, shape, ...rest } = (value ?? {}) as Record<string, unknown>;
  const isCount = (number: unknown): number is number => Number.isSafeInteger(number) && (number as number) > 0;
  const isText = Object.values(rest).every((item) => typeof item === 'string');
  const isShape = Array.isArray(shape) && shape.length === 4 && shape.every(isCount);
  if (rest['format'] !== LATENTS_FORMAT || !isText || !isCount(parts) || !isShape) throw refuse();
  return {
    parts,
    shape: shape as unknown as LatentChunk['shape'],
    metadata: rest as Record<string, string>,
  };
}
