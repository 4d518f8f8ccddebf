import type { TensorSource } from '@od-vae/core';

import { loadParams } from '../load-params.ts';
import { type LpipsParams, lpipsSpec } from './lpips-spec.ts';
import type { LpipsNetwork } from './networks.ts';

/**
 * Weights of LPIPS from one checkpoint, or from several that hold parts of them (torchvision's network and the heads).
 *
 * Known are torchvision's names (`features.0.weight`), the `lpips` package's (`net.slice1.0.weight`) and both inside a
 * training checkpoint (`loss.perceptual_loss.…`); heads are `lin0.model.1.weight`. Everything else is left out.
 *
 * @throws CheckpointError that names what is missing, or whose shape is another
 */
export async function loadLpips(
  sources: TensorSource | readonly TensorSource[],
  network: LpipsNetwork,
): Promise<LpipsParams> {
  const list = 'tensors' in sources ? [sources] : sources;
  return loadParams(lpipsSpec(network), list, lpipsName);
}

function lpipsName(name: string): string | undefined {
  return /(?:^|\.)(?:net\.slice\d+|features)\.(\d+\..+)$/.exec(name)?.[1] === undefined
    ? /(?:^|\.)(lin\d+\.model\.1\.weight)$/.exec(name)?.[1]
    : name.replace(/^(?:.*\.)?(?:net\.slice\d+|features)\./, 'features.');
}
