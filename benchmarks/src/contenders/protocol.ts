import type { OfficialConfig } from '@od-vae/models';

/** Frames, height and width of a clip. */
export type Clip = readonly [frames: number, height: number, width: number];

/** One thing to measure; a peer in any language builds it from these numbers, with random values of its own. */
export type Case =
  | {
      /** A causal convolution of stride 1 with zero borders, from `channels` to `channels`. */
      readonly kind: 'convolution';
      readonly channels: number;
      readonly clip: Clip;
      readonly kernel: readonly [time: number, height: number, width: number];
    }
  | {
      /** Group norm in 32 groups and SiLU, or attention among the pixels of each frame. */
      readonly kind: 'normalization' | 'attention';
      readonly channels: number;
      readonly clip: Clip;
    }
  | {
      /** A model's encoder, its decoder to a clip of that size, or both and the gradients of all weights. */
      readonly kind: 'encode' | 'decode' | 'step';
      readonly config: OfficialConfig;
      readonly clip: Clip;
    }
  | {
      /** A generator and a discriminator step of the paper's recipe on a batch of clips, with LPIPS over VGG16. */
      readonly kind: 'train';
      readonly config: OfficialConfig;
      readonly clip: Clip;
      readonly batch: number;
    };

/** What a contender's process is told, one JSON object a line on stdin. */
export type Command =
  | { readonly do: 'prepare'; readonly case: Case; readonly threads: number }
  /** Runs once, or as often as fills a tenth of a second. */
  | { readonly do: 'run' }
  | { readonly do: 'end' };

/** What it answers on stdout; its first line, before any command, is its version. */
export type Answer =
  | { readonly version: string }
  | { readonly prepared: true }
  | { readonly seconds: number }
  /** The most memory that the process ever held. */
  | { readonly peakBytes: number }
  | { readonly failed: string };
