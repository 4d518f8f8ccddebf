import { paramLeaves, type ParamSpec, storedShape, toStored } from '@od-vae/core';
import { discriminatorSpec, discriminatorStatisticsSpec } from '@od-vae/losses';
import { odVaeSpec, storedParams } from '@od-vae/models';
import type { WritableTensor } from '@od-vae/weights';
import type { Tensor } from '@tensorflow/tfjs-core';

import type { TrainingOptions } from '../training-options.ts';
import type { TrainingState } from '../training-state.ts';

/** One tensor of a state, with its name in a checkpoint. */
export interface NamedTensor {
  readonly name: string;
  readonly spec: ParamSpec;
  readonly tensor: Tensor;
}

/**
 * Every tensor of a state by the names of a checkpoint: `generator.*` and `average.*` with the official names behind,
 * `discriminator.main.*` as PyTorch names them, and what Adam keeps of each that learns under `adam.mean.` and `adam.square.`.
 */
export function stateTensors(state: TrainingState, { config, adversarial }: TrainingOptions): NamedTensor[] {
  const generator = storedParams(odVaeSpec(config)).map(({ name, spec }) => ({ name: `generator.${name}`, spec }));
  const isTrained = new Set<Tensor>(state.adam.weights);
  const tensors: NamedTensor[] = generator
    .map((leaf, index) => ({ ...leaf, tensor: state.weights[index]! }))
    .filter(({ tensor }) => !isTrained.has(tensor));
  const trained = generator.filter((_, index) => isTrained.has(state.weights[index]!));
  tensors.push(...named(trained, state.adam.weights, state.adam.state()));
  for (const [index, average] of (state.average ?? []).entries()) {
    const { name, spec } = trained[index]!;
    tensors.push({ name: name.replace('generator.', 'average.'), spec, tensor: average });
  }
  const { discriminator } = state;
  if (discriminator && adversarial) {
    const judge = leavesOf(discriminatorSpec(adversarial.discriminator));
    tensors.push(...named(judge, discriminator.adam.weights, discriminator.adam.state()));
    const statistics = discriminator.statistics.flatMap(({ mean, variance }) => [mean, variance]);
    for (const [index, leaf] of leavesOf(discriminatorStatisticsSpec(adversarial.discriminator)).entries()) {
      tensors.push({ ...leaf, tensor: statistics[index]! });
    }
  }
  return tensors;
}

function leavesOf(spec: Parameters<typeof paramLeaves>[0]): { name: string; spec: ParamSpec }[] {
  return [...paramLeaves(spec)].map((leaf) => ({ name: `discriminator.${leaf.spec.storedName}`, spec: leaf.spec }));
}

function named(
  leaves: readonly { name: string; spec: ParamSpec }[],
  weights: readonly Tensor[],
  adam: readonly { mean: Tensor; square: Tensor }[],
): NamedTensor[] {
  return leaves.flatMap(({ name, spec }, index) => [
    { name, spec, tensor: weights[index]! },
    { name: `adam.mean.${name}`, spec, tensor: adam[index]!.mean },
    { name: `adam.square.${name}`, spec, tensor: adam[index]!.square },
  ]);
}

/** A tensor as a safetensors file takes it, in PyTorch's layout. */
export function writable({ name, spec, tensor }: NamedTensor): WritableTensor {
  return {
    name,
    dtype: 'F32',
    shape: storedShape(spec),
    bytes: async () => {
      const values = toStored((await tensor.data()) as Float32Array, spec);
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    },
  };
}
