import type { Checkpoint } from '@od-vae/weights';

import { SilentError } from '../target.ts';
import { sameValue } from './plain-values.ts';

/** A tensor as an independent reader finds it. */
export interface PlainTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Row by row, as float32. */
  readonly values: readonly number[];
}

/**
 * Compares every tensor of an open checkpoint with what an independent reader found in the same bytes.
 *
 * @returns whether they are also the tensors of `original`
 * @throws SilentError that names the first difference
 */
export async function compareTensors(
  checkpoint: Checkpoint,
  found: ReadonlyMap<string, PlainTensor>,
  original: ReadonlyMap<string, PlainTensor>,
): Promise<boolean> {
  let same = found.size === original.size;
  for (const [name, tensor] of checkpoint.tensors) {
    // Wrappers such as `module.` are taken off a name.
    const key = found.has(name) ? name : [...found.keys()].find((one) => one.endsWith(`.${name}`));
    const plain = key === undefined ? undefined : found.get(key);
    if (!plain) throw new SilentError(`"${name}" is in no place of the file`);
    const values = await tensor.float32();
    if (tensor.dtype !== plain.dtype || `${tensor.shape}` !== `${plain.shape}`) {
      throw new SilentError(`"${name}" is ${tensor.dtype} [${tensor.shape}], not ${plain.dtype} [${plain.shape}]`);
    }
    const wrong = differsAt(values, plain.values);
    if (wrong !== undefined) {
      throw new SilentError(`"${name}"[${wrong}] is ${values[wrong]}, not ${plain.values[wrong]}`);
    }
    const before = original.get(key!);
    same &&=
      before !== undefined && `${before.shape}` === `${plain.shape}` && differsAt(values, before.values) === undefined;
  }
  return same;
}

function differsAt(values: ArrayLike<number>, plain: readonly number[]): number | undefined {
  if (values.length !== plain.length) return Math.min(values.length, plain.length);
  for (let index = 0; index < plain.length; index++) if (!sameValue(values[index], plain[index])) return index;
  return undefined;
}
