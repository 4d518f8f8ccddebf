import type { ParamsOf, TensorSource } from '@od-vae/core';

import { loadParams } from '../load-params.ts';
import {
  type DiscriminatorConfig,
  type DiscriminatorParams,
  discriminatorSpec,
  discriminatorStatisticsSpec,
} from './patch-discriminator.ts';

/** A discriminator: what is trained, and the running averages of its norms. */
export interface Discriminator {
  readonly params: DiscriminatorParams;
  readonly statistics: ParamsOf<ReturnType<typeof discriminatorStatisticsSpec>>;
}

/**
 * A discriminator from a checkpoint, such as `loss.discriminator.main.0.weight` of the authors' training checkpoints.
 *
 * @throws CheckpointError that names what is missing, or whose shape is another
 */
export async function loadDiscriminator(source: TensorSource, config: DiscriminatorConfig): Promise<Discriminator> {
  const spec = { params: discriminatorSpec(config), statistics: discriminatorStatisticsSpec(config) };
  return loadParams(spec, [source], (name) => /(?:^|\.)(main\.\d+\.\w+)$/.exec(name)?.[1]);
}
