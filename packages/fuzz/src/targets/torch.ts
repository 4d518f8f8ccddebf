import { type Checkpoint, openCheckpoint } from '@od-vae/weights';

import { bytesOf, type ChangedFile, changedFiles, describeFile, repositorySeeds } from '../corpus.ts';
import { compareTensors, type PlainTensor } from '../oracles/plain-tensors.ts';
import { plainTorch } from '../oracles/plain-torch.ts';
import { refusalOf } from '../refusal.ts';
import { SilentError, type Target } from '../target.ts';

const CHECKPOINTS = 'packages/weights/fixtures/checkpoints';
const PATHS = ['views.pt', 'parameters-f16.pt', 'hostile-os-system.ckpt', 'legacy.pt'].map(
  (name) => `${CHECKPOINTS}/${name}`,
);

/** PyTorch's zip archives: another pickle reader finds the same tensors in them. */
export const torch: Target<ChangedFile> = {
  name: 'torch',
  weight: 1800,
  inputs: async () => changedFiles(await repositorySeeds(PATHS)),
  describe: describeFile,
  run: async (input) => {
    const bytes = bytesOf(input);
    let checkpoint: Checkpoint;
    try {
      checkpoint = await openCheckpoint(new Blob([bytes]));
      for (const tensor of checkpoint.tensors.values()) await tensor.float32();
    } catch (error) {
      return refusalOf(error);
    }
    const same = await compareTensors(checkpoint, read(bytes), original(input.seed.bytes));
    return { kind: same ? 'same' : 'follows' };
  },
};

function read(bytes: Uint8Array): Map<string, PlainTensor> {
  try {
    return plainTorch(bytes);
  } catch (error) {
    throw new SilentError(`it was read, but ${(error as Error).message}`, { cause: error });
  }
}

/** Nothing for the files that are refused as they are. */
function original(bytes: Uint8Array): Map<string, PlainTensor> {
  try {
    return plainTorch(bytes);
  } catch {
    return new Map();
  }
}
