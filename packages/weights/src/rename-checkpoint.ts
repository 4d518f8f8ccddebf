import type { Checkpoint } from './checkpoint.ts';
import type { NamedFamily } from './family.ts';
import { renameTensors } from './rename-tensors.ts';

/**
 * The same checkpoint under the names of another family; see {@link renameTensors} for what becomes of names and shapes.
 *
 * Weights of the loss (`loss.*`) keep their names. It shares the files of the first one: closing either closes both.
 *
 * @throws CheckpointError when a tensor has no name in that family
 */
export function renameCheckpoint(checkpoint: Checkpoint, family: NamedFamily): Checkpoint {
  const own = [...checkpoint.tensors].filter(([name]) => !name.startsWith('loss.'));
  const renamed = renameTensors(new Map(own.map(([name, { shape }]) => [name, shape])), family);
  const tensors = new Map(
    Array.from(checkpoint.tensors, ([original, tensor]) => {
      const { name, shape } = renamed.get(original) ?? tensor;
      return [name, { ...tensor, name, shape }];
    }),
  );
  return { ...checkpoint, tensors, family };
}
