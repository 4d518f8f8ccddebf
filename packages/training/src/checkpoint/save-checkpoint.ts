import { replaceFolder, temporaryPath, writeAtomically } from '@od-vae/core/files';
import { writeSafetensors } from '@od-vae/weights';

import type { Trainer } from '../trainer.ts';
import { trainingSettings } from './compare-settings.ts';
import { stateTensors, writable } from './state-tensors.ts';
import { checkpointName, CHECKPOINT_VERSION, type CheckpointRecord, listCheckpoints } from './checkpoint-folder.ts';

/** How checkpoints are kept. */
export interface SaveOptions {
  /** How many of the newest stay; 3. */
  readonly keep?: number | undefined;
  /** Further settings of the run, as JSON; `restoreCheckpoint` compares them. */
  readonly run?: unknown;
}

/**
 * Writes a trainer's state as `<folder>/step-00001234/` (`state.safetensors`, `state.json`) and deletes the oldest
 * checkpoints beyond `keep`. The folder appears under its name when it is whole; Node only.
 *
 * @returns the path of the checkpoint
 */
export async function saveCheckpoint(folder: string, trainer: Trainer, options: SaveOptions = {}): Promise<string> {
  const { mkdir, rename, rm } = await import('#node/fs');
  const { join } = await import('#node/path');
  const { options: training, state } = trainer;
  const path = join(folder, checkpointName(state.step));
  const temporary = temporaryPath(path);
  const record: CheckpointRecord = {
    version: CHECKPOINT_VERSION,
    step: state.step,
    adamSteps: { generator: state.adam.steps, discriminator: state.discriminator?.adam.steps ?? 0 },
    config: training.config.official,
    training: trainingSettings(training),
    run: options.run ?? null,
  };
  await mkdir(temporary, { recursive: true });
  try {
    await writeSafetensors(join(temporary, 'state.safetensors'), stateTensors(state, training).map(writable));
    await writeAtomically(join(temporary, 'state.json'), `${JSON.stringify(record, undefined, 2)}\n`);
    await replaceFolder(temporary, path);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  const outdated = (await listCheckpoints(folder)).slice(0, -Math.max(1, options.keep ?? 3));
  for (const old of outdated) {
    // Renamed first: what has a checkpoint's name is whole at any moment.
    const dying = temporaryPath(old.path);
    await rename(old.path, dying);
    await rm(dying, { recursive: true, force: true });
  }
  return path;
}
