import { fromStored, mapSpec, type ParamsOf, type SpecTree, storedShape } from '@od-vae/core';
import { type LpipsNetwork, type LpipsParams, lpipsSpec } from '@od-vae/losses';
import { goldenWeight } from '@od-vae/test-utils';
import { type Tensor, tensor } from '@tensorflow/tfjs-core';

/** As the files' author rounded it. */
const ROOT_OF_TWO = Number('1.4142135');

/** LPIPS with the generator's weights: convolutions scaled so that features keep their size, heads without sign. */
export function goldenLpips(network: LpipsNetwork, basis: number): LpipsParams {
  return goldenParams(lpipsSpec(network), `lpips_${network}`, basis, (values, name) => {
    if (name.startsWith('lin')) return values.map(Math.abs);
    return name.endsWith('weight') ? values.map((value) => value * ROOT_OF_TWO) : values;
  });
}

/** Weights whose names are their stored names, from the generator. */
export function goldenParams<Spec extends SpecTree>(
  spec: Spec,
  prefix: string,
  basis: number,
  change: (values: Float32Array, name: string) => Float32Array = (values) => values,
): ParamsOf<Spec> {
  return mapSpec(spec, (leaf): Tensor => {
    const values = goldenWeight(`${prefix}.${leaf.storedName}`, storedShape(leaf), basis);
    return tensor(fromStored(change(values, leaf.storedName), leaf), [...leaf.shape], 'float32');
  });
}
