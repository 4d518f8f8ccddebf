/** How a clip is cut for the encoder and for the decoder; `paperTiling` and the other presets are of this type. */
export interface Tiling {
  /** Frames that the encoder sees at once: `4n + 1`, at least 5. */
  readonly frames: number;
  /** Latent frames that the decoder sees at once, at least 2. */
  readonly latents: number;
  /** How frames are cut in space; without it they stay whole. */
  readonly spatial?: SpatialTiling | undefined;
}

/** How frames are cut into overlapping squares, whose overlaps are blended. */
export interface SpatialTiling {
  /** Side of a square of pixels. */
  readonly sampleSize: number;
  /** Side of a square of latents. */
  readonly latentSize: number;
  /** Part of a square that it shares with the next one, in [0, 1). */
  readonly overlap: number;
  /**
   * Does what the released code does, its faults included: a clip that is cut in time is also cut in space where it would
   * fit, a square is made even where the one before it reaches the edge, and an overlap that is no whole number of latents
   * is accepted, though it shifts the picture. By default a side is cut only where it is longer than a square.
   */
  readonly official?: boolean | undefined;
}

/** The paper's groups: 33 frames, 9 latents, frames whole; encoder and decoder groups have the same borders. */
export const paperTiling: Tiling = { frames: 33, latents: 9 };

/** Defaults of the released v1.2.0 class; its decoder groups of 16 latents do not end where encoder groups do. */
export const officialTiling: Tiling = {
  frames: 33,
  latents: 16,
  spatial: { sampleSize: 256, latentSize: 32, overlap: 0.125, official: true },
};

/** Defaults of the v1.1.0 class. */
export const v11Tiling: Tiling = {
  frames: 65,
  latents: 17,
  spatial: { sampleSize: 256, latentSize: 32, overlap: 0.25, official: true },
};

/** What the v1.2.0 sampling scripts for 720p set. */
export const scriptTiling: Tiling = {
  frames: 29,
  latents: 8,
  spatial: { sampleSize: 512, latentSize: 64, overlap: 0.125, official: true },
};

/** What `--save_memory` of the v1.2.0 sampling scripts sets. */
export const saveMemoryTiling: Tiling = {
  frames: 29,
  latents: 8,
  spatial: { sampleSize: 256, latentSize: 32, overlap: 0.125, official: true },
};
