import { strides } from '@od-vae/models';
import { type OdVae, type PlanChoice, tilingText } from 'od-vae';

import { tilingFor, type TilingFlags } from './options/tiling-options.ts';
import type { OutputFlags } from './output/output-options.ts';
import { planLine } from './output/plan-line.ts';
import { printNote } from './output/print-report.ts';
import type { Streams } from './streams.ts';

/** The options of a call that plans its tiles; the plan is printed on stderr when it is made. */
export async function planOptions(
  streams: Streams,
  flags: OutputFlags & TilingFlags,
  vae: OdVae,
): Promise<Required<PlanChoice>> {
  return {
    tiling: await tilingFor(flags, strides(vae.config)),
    memory: flags.memory,
    onPlan: (plan) => printNote(streams, flags, planLine(plan, tilingText(plan.tiling))),
  };
}
