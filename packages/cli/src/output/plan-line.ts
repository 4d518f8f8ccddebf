import type { TilingPlan } from 'od-vae';

import { bytesText } from './format-number.ts';

/** How a video is cut and what that is expected to need, in a line. */
export function planLine({ memory, limit }: TilingPlan, tiling: string): string {
  const parts = [
    `weights ${bytesText(memory.weights)}`,
    `a tile ${bytesText(memory.activations)}`,
    `frames ${bytesText(memory.frames)}`,
    `the rest ${bytesText(memory.base)}`,
  ];
  const of = limit === undefined ? '' : ` of ${bytesText(limit)}`;
  return `plan: ${tiling}; about ${bytesText(memory.total)}${of} (${parts.join(', ')}).`;
}
