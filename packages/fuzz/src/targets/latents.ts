import { type LatentsFile, readLatentsFile } from 'od-vae';

import { bytesOf, type ChangedFile, changedFiles, describeFile, repositorySeeds } from '../corpus.ts';
import { plainSafetensors } from '../oracles/plain-safetensors.ts';
import { sameValue } from '../oracles/plain-values.ts';
import { refusalOf } from '../refusal.ts';
import { SilentError, type Target } from '../target.ts';
import { headerOf, mendHeaderLength } from './safetensors.ts';

const PATHS = ['packages/fuzz/corpus/latents.safetensors'];

/** Latents files: the latents and the numbers beside them are those of the bytes. */
export const latents: Target<ChangedFile> = {
  name: 'latents',
  weight: 1200,
  inputs: async () => changedFiles(await repositorySeeds(PATHS, headerOf, mendHeaderLength)),
  describe: describeFile,
  run: async (input) => {
    const bytes = bytesOf(input);
    let file: LatentsFile;
    try {
      file = await readLatentsFile(new Blob([bytes]));
    } catch (error) {
      return refusalOf(error);
    }
    compare(file, bytes);
    return {
      kind:
        bytes.length === input.seed.bytes.length && bytes.every((byte, i) => byte === input.seed.bytes[i])
          ? 'same'
          : 'follows',
    };
  },
};

function compare({ info, chunk }: LatentsFile, bytes: Uint8Array): void {
  const { tensors, metadata } = plainSafetensors(bytes);
  const plain = tensors.get('latents');
  if (!plain) throw new SilentError('it was read, but has no latents');
  const [, channels, time, height, width] = plain.shape as [number, number, number, number, number];
  if (`${chunk.shape}` !== `${[time, height, width, channels]}`) throw new SilentError(`the shape is [${chunk.shape}]`);
  for (const [index, value] of plain.values.entries()) {
    const channel = Math.floor(index / (time * height * width));
    const position = index % (time * height * width);
    const got = chunk.data[position * channels + channel];
    if (!sameValue(got, value)) throw new SilentError(`value ${index} is ${got}, not ${value}`);
  }
  for (const key of ['frames', 'width', 'height', 'fps', 'scalingFactor'] as const) {
    if (!/^\d+(\.\d+)?(e[+-]?\d+)?$/.test(metadata[key]!) || info[key] !== Number(metadata[key])) {
      throw new SilentError(`${key} is ${info[key]}, but the file says "${metadata[key]}"`);
    }
  }
}
