import { type Checkpoint, openCheckpoint } from '@od-vae/weights';

import { bytesOf, type ChangedFile, changedFiles, describeFile, repositorySeeds } from '../corpus.ts';
import { compareTensors, type PlainTensor } from '../oracles/plain-tensors.ts';
import { plainSafetensors } from '../oracles/plain-safetensors.ts';
import { refusalOf } from '../refusal.ts';
import { SilentError, type Target } from '../target.ts';

const PATHS = [
  'packages/fuzz/corpus/every-type.safetensors',
  'packages/metrics/fixtures/training-quality.safetensors',
  'packages/models/fixtures/init.safetensors',
];

/** Safetensors files: every value that comes is the one that lies where the header says. */
export const safetensors: Target<ChangedFile> = {
  name: 'safetensors',
  weight: 1900,
  inputs: async () => changedFiles(await repositorySeeds(PATHS, headerOf, mendHeaderLength)),
  describe: describeFile,
  run: async (input) => {
    const bytes = bytesOf(input);
    let checkpoint: Checkpoint;
    try {
      checkpoint = await openCheckpoint(new Blob([bytes]));
    } catch (error) {
      return refusalOf(error);
    }
    const same = await compareTensors(checkpoint, read(bytes), plainSafetensors(input.seed.bytes).tensors);
    return { kind: same ? 'same' : 'follows' };
  },
};

/** The first bytes of a safetensors file: the length of its header, and the header. */
export function headerOf(bytes: Uint8Array): readonly [number, number] {
  return [0, 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))];
}

/** The length of the header anew, so that the data begins where it did. */
export function mendHeaderLength(changed: Uint8Array<ArrayBuffer>, original: Uint8Array): Uint8Array<ArrayBuffer> {
  const dataBytes = original.length - headerOf(original)[1];
  if (changed.length >= 8 + dataBytes) {
    new DataView(changed.buffer).setBigUint64(0, BigInt(changed.length - 8 - dataBytes), true);
  }
  return changed;
}

function read(bytes: Uint8Array): Map<string, PlainTensor> {
  try {
    return plainSafetensors(bytes).tensors;
  } catch (error) {
    throw new SilentError(`it was read, but ${(error as Error).message}`, { cause: error });
  }
}
