import { DiagonalGaussian } from '@od-vae/models';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import type { Extent } from './frame-policy.ts';

/** The posterior of a clip, and how the clip was made to fit the model. */
export class ClipPosterior extends DiagonalGaussian {
  /** The clip's own extent, before any padding: `decode(latents, { cutTo: posterior.extent })` gives one of that size. */
  readonly extent: Extent;
  /** What was done to make the clip fit, in a sentence; undefined where it fitted. */
  readonly note: string | undefined;

  constructor(moments: Tensor5D, extent: Extent, note: string | undefined) {
    super(moments);
    this.extent = extent;
    this.note = note;
  }
}
