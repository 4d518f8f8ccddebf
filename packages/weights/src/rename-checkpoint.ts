import type { Checkpoint } from './checkpoint.ts';
import type { NamedFamily } from './family.ts';
import { renameTensors } from './rename-tensors.ts';

/**
 * The same checkpoint under the names of another family; see {@link renameTensors} for what becomes of names and shapes.
 *
 * It shares the files of the first one: closing either closes both.
 *
 * @throws CheckpointError when a tensor has no name in that family
 */
export function renameCheckpoint(checkpoint: Checkpoint, family: NamedFamily): Checkpoint {
  const shapes = new Map(Array.from(checkpoint.tensors, ([name, { shape }]) => [name, shape]));
  const renamed = renameTensors(shapes, family);
  const tensors = new Map(
    Array.from(checkpoint.tensors, ([original, tensor]) => {
      const { name, shape } = renamed.get(original)!;
      return [name, { ...tensor, name, shape }];
    }),
  );
  return { ...checkpoint, tensors, family };
}
