import { type OdVaeConfig, parseConfig } from '@od-vae/models';
import { type Checkpoint, renameCheckpoint } from '@od-vae/weights';

import { compareWeights, fits } from '../inspect/compare-weights.ts';
import { ARCHITECTURES } from './architectures.ts';
import { configFromShapes, type UnseenConfig } from './config-from-shapes.ts';

/** A published architecture that a checkpoint's weights fit. */
export interface ArchitectureMatch {
  readonly name: string;
  readonly config: OdVaeConfig;
  /** The widths are the published ones, so that the model is known without a `config.json`. */
  readonly isFullSize: boolean;
}

/** The first published architecture whose names and shapes are those of the checkpoint; undefined where none is. */
export function matchArchitecture(checkpoint: Checkpoint, unseen: UnseenConfig = {}): ArchitectureMatch | undefined {
  if (checkpoint.family === 'unknown') return undefined;
  for (const { name, preset } of ARCHITECTURES) {
    try {
      const source = renameCheckpoint(checkpoint, 'open-sora-plan');
      const config = parseConfig(configFromShapes(source, preset, unseen));
      if (!fits(compareWeights(source, config))) continue;
      return { name, config, isFullSize: fits(compareWeights(source, parseConfig(preset))) };
    } catch {
      // Shapes that make no config of this architecture do not match it.
    }
  }
  return undefined;
}
