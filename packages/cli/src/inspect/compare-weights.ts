import type { TensorSource } from '@od-vae/core';
import { type OdVaeConfig, odVaeSpec, storedParams } from '@od-vae/models';

/** How the weights of a checkpoint and those of a model differ; three empty lists where they fit. */
export interface WeightComparison {
  /** Names that the model needs and the checkpoint lacks. */
  readonly missing: readonly string[];
  /** Names that the model has no use for. */
  readonly spare: readonly string[];
  /** Names whose shape is another than the model needs. */
  readonly misshapen: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly needed: readonly number[];
  }[];
}

/** Compares weights under Open-Sora-Plan's names with what a model needs; weights of a loss are passed over. */
export function compareWeights({ tensors }: TensorSource, config: OdVaeConfig): WeightComparison {
  const needed = new Map(storedParams(odVaeSpec(config)).map(({ name, shape }) => [name, shape]));
  return {
    missing: [...needed.keys()].filter((name) => !tensors.has(name)),
    spare: [...tensors.keys()].filter((name) => !needed.has(name) && !name.includes('loss')),
    misshapen: [...needed].flatMap(([name, shape]) => {
      const found = tensors.get(name)?.shape;
      return found === undefined || String(found) === String(shape) ? [] : [{ name, shape: found, needed: shape }];
    }),
  };
}

/** Whether nothing differs. */
export function fits({ missing, spare, misshapen }: WeightComparison): boolean {
  return missing.length + spare.length + misshapen.length === 0;
}
