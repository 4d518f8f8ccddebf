import type { AdversarialKind, DiscriminatorConfig, PerceptualTerm, PixelError } from '@od-vae/losses';
import type { OdVaeConfig } from '@od-vae/models';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import type { AdamOptions } from './optimizer/adam-step.ts';
import type { LearningRate } from './optimizer/learning-rate.ts';

/** The adversarial half of a run. */
export interface AdversarialOptions {
  readonly discriminator: DiscriminatorConfig;
  /** `disc_start`: the first step that may train the discriminator and lets the generator feel it. */
  readonly start: number;
  /** `disc_weight`; 0.5. */
  readonly weight?: number | undefined;
  /** `hinge`, the paper's, unless said otherwise. */
  readonly kind?: AdversarialKind | undefined;
}

/** What a run trains, and how. */
export interface TrainingOptions {
  readonly config: OdVaeConfig;
  /** Steps of the whole run, of both kinds. */
  readonly steps: number;
  /** Decides the noise of every step; with the data's seed, it makes a run repeatable. */
  readonly seed: number;
  readonly learningRate: LearningRate;
  readonly adam?: AdamOptions | undefined;
  /** `l1`, the paper's, unless said otherwise. */
  readonly pixelError?: PixelError | undefined;
  /** LPIPS; its weights stay the caller's. Without it pixels alone count. */
  readonly perceptual?: PerceptualTerm | undefined;
  /** 1e-6. */
  readonly klWeight?: number | undefined;
  /** Without it no step trains a discriminator. */
  readonly adversarial?: AdversarialOptions | undefined;
  /** Decay of the averaged weights, 0.999 in the paper; without it there are none. */
  readonly averageDecay?: number | undefined;
  /**
   * Which of the generator's weights learn: official names, or what begins them, with `*` for anything; all unless said
   * otherwise. `['decoder', 'post_quant_conv']` leaves latents as they are, so those already encoded stay valid, and
   * computes no gradients of the encoder.
   */
  readonly trained?: readonly string[] | undefined;
  /** Longest gradient (of all weights together) that a step follows; a longer one is shortened to it. */
  readonly clipNorm?: number | undefined;
  /** Computes each block again in the backward pass instead of keeping what it made: less memory, about a third more work. */
  readonly checkpointing?: boolean | undefined;
  /** Standard normal noise of a step and clip, in the shape of the latents; by default drawn from `seed`. */
  readonly noise?: ((step: number, clip: number, shape: Tensor5D['shape']) => Tensor5D) | undefined;
}
