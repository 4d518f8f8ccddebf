import { writeAtomically } from '@od-vae/core/files';

import { safetensorsChunks, type SafetensorsOptions } from './encode-safetensors.ts';
import type { WritableTensor } from './stored-tensor.ts';

/**
 * Writes a safetensors file tensor by tensor, so that memory holds one at a time; Node only.
 *
 * The file appears under its name when it is whole. Progress counts bytes, phase `write`.
 *
 * @throws CheckpointError when a tensor does not give what its shape needs; whatever ends the call leaves nothing behind
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<WritableTensor>,
  options: SafetensorsOptions = {},
): Promise<void> {
  await writeAtomically(path, safetensorsChunks(tensors, options));
}
