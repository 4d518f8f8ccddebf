import { updateFolder, writeAtomically } from '@od-vae/core/files';
import { odVaeSpec, storedParams } from '@od-vae/models';
import { writeSafetensors } from '@od-vae/weights';

import type { Trainer } from '../trainer.ts';
import { writable } from './state-tensors.ts';

/** Whether a file holds weights of a model, by the names of diffusers. */
function isWeights(name: string): boolean {
  return /^diffusion_pytorch_model.*\.safetensors(?:\.index\.json)?$/.test(name);
}

/**
 * Writes a trained model as the official files are: `config.json` and `diffusion_pytorch_model.safetensors`, the averaged
 * weights where the run keeps them; Node only. Both appear at once and replace the weights of a previous model.
 */
export async function exportModel(
  folder: string,
  { state, options }: Trainer,
  { average = true }: { average?: boolean | undefined } = {},
): Promise<void> {
  const { mkdir } = await import('#node/fs');
  const { join } = await import('#node/path');
  const weights = average ? state.averagedWeights() : state.weights;
  await mkdir(folder, { recursive: true });
  const tensors = storedParams(odVaeSpec(options.config)).map(({ name, spec }, index) =>
    writable({ name, spec, tensor: weights[index]! }),
  );
  await updateFolder(folder, isWeights, async (path) => {
    await writeSafetensors(join(path, 'diffusion_pytorch_model.safetensors'), tensors, { metadata: { format: 'pt' } });
    await writeAtomically(join(path, 'config.json'), `${JSON.stringify(options.config.official, undefined, 2)}\n`);
  });
}
