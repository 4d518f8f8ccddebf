import {
  CheckpointError,
  fromStored,
  listNames,
  listPrefixes,
  mapSpec,
  paramLeaves,
  type ParamsOf,
  type SourceTensor,
  type SpecTree,
  storedShape,
  type TensorSource,
} from '@od-vae/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

/**
 * The weights of a spec from a checkpoint that holds each under its `storedName`, after `rename`.
 *
 * @param rename the name of a stored tensor in the spec, or undefined for a tensor that is not of it
 * @throws CheckpointError that names what is missing, or whose shape is another
 */
export async function loadParams<Spec extends SpecTree>(
  spec: Spec,
  sources: readonly TensorSource[],
  rename: (name: string) => string | undefined,
): Promise<ParamsOf<Spec>> {
  const label = sources.map((source) => source.label).join(' and ');
  const found = new Map<string, SourceTensor>();
  for (const { tensors } of sources) {
    for (const [name, stored] of tensors) {
      const ours = rename(name);
      if (ours !== undefined) found.set(ours, stored);
    }
  }
  const leaves = [...paramLeaves(spec)].map((leaf) => leaf.spec);
  const missing = leaves.filter(({ storedName }) => !found.has(storedName)).map(({ storedName }) => storedName);
  if (missing.length > 0) {
    const names = sources.flatMap(({ tensors }) => [...tensors.keys()]);
    throw new CheckpointError(
      `${label}: needs ${leaves.length} weights, but ${missing.length} of them are missing: ${listNames(missing)}; ` +
        `the file holds ${names.length} tensors: ${listPrefixes(names) || 'none'}.`,
    );
  }
  const values = new Map<string, Float32Array>();
  for (const leaf of leaves) {
    const stored = found.get(leaf.storedName)!;
    const needed = storedShape(leaf);
    if (String(stored.shape) !== String(needed)) {
      throw new CheckpointError(`${label}: "${leaf.storedName}" is [${stored.shape}], but must be [${needed}].`);
    }
    values.set(leaf.storedName, fromStored(await stored.float32(), leaf));
  }
  return mapSpec(spec, (leaf): Tensor => tensor(values.get(leaf.storedName)!, [...leaf.shape], 'float32'));
}
