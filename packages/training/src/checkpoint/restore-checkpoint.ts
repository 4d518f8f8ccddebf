import { fromStored, storedShape } from '@od-vae/core';
import { openSafetensors, type SafetensorsFile } from '@od-vae/weights';
import { type Tensor, tensor, type Variable } from '@tensorflow/tfjs-core';

import type { Adam } from '../optimizer/adam.ts';
import type { Trainer } from '../trainer.ts';
import { TrainingError } from '../training-error.ts';
import { CHECKPOINT_VERSION, type CheckpointRecord } from './checkpoint-folder.ts';
import { joinDifferences, listDifferences, trainingSettings } from './compare-settings.ts';
import { type NamedTensor, stateTensors } from './state-tensors.ts';

const MAX_RECORD_BYTES = 10_000_000;

/** `state.json` of a checkpoint, checked. */
export async function readCheckpointRecord(path: string): Promise<CheckpointRecord> {
  const { readFile, stat } = await import('#node/fs');
  const { join } = await import('#node/path');
  const file = join(path, 'state.json');
  const { size } = await stat(file);
  if (size > MAX_RECORD_BYTES) {
    throw new TrainingError(`${file}: a record has at most ${MAX_RECORD_BYTES} bytes, but this one has ${size}.`);
  }
  const record = parse(file, await readFile(file, 'utf8')) as Partial<CheckpointRecord>;
  if (record.version !== CHECKPOINT_VERSION) {
    throw new TrainingError(`${file}: must be of version ${CHECKPOINT_VERSION}, but is of ${record.version}.`);
  }
  const counts = [record.step, record.adamSteps?.generator, record.adamSteps?.discriminator];
  if (!counts.every((count) => Number.isSafeInteger(count) && count! >= 0)) {
    throw new TrainingError(`${file}: steps must be whole numbers, but are ${counts.join(', ')}.`);
  }
  return record as CheckpointRecord;
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch (error) {
    throw new TrainingError(`${file}: must be JSON, but ${(error as Error).message}.`, { cause: error });
  }
}

/** Options of {@link restoreCheckpoint}. */
export interface RestoreOptions {
  /** The settings of the run that is resumed, compared with those given to `saveCheckpoint`. */
  readonly run?: unknown;
  /** Settings in `run` that may differ, by their names with dots, such as `data.folder`. */
  readonly free?: readonly string[] | undefined;
  /** Restores a checkpoint of other settings as well, where its tensors fit. */
  readonly force?: boolean | undefined;
}

/** A restored checkpoint. */
export interface RestoredCheckpoint extends CheckpointRecord {
  /** Settings of this run that differ from those of the checkpoint; without `force` there are none. */
  readonly differences: readonly string[];
}

/**
 * Restores the state of a trainer from a checkpoint: weights, averages, optimizers and step, bit for bit.
 *
 * The model, the trainer's options other than `steps` and `checkpointing`, and `run` must be those of the checkpoint. What a
 * checkpoint does not record, because an older version wrote it, is not compared.
 *
 * @throws TrainingError that names every difference; the trainer is unchanged
 */
export async function restoreCheckpoint(
  trainer: Trainer,
  path: string,
  options: RestoreOptions = {},
): Promise<RestoredCheckpoint> {
  const { join } = await import('#node/path');
  const record = await readCheckpointRecord(path);
  const differences = compareWith(record, trainer, options);
  if (differences.length > 0 && !options.force) {
    throw new TrainingError(
      `${path}: a run must be resumed with the settings that it was started with, but ${joinDifferences(differences)}; ` +
        'use those settings, or set force (od-vae train --force).',
    );
  }
  await using file = await openSafetensors(join(path, 'state.safetensors'));
  const needed = stateTensors(trainer.state, trainer.options);
  assertSame(file, needed);
  adopt(trainer, needed, await readTensors(file, needed), record);
  return { ...record, differences };
}

/** Reads every tensor, or none. */
async function readTensors(file: SafetensorsFile, needed: readonly NamedTensor[]): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  try {
    for (const { name, spec } of needed) {
      const values = fromStored(await file.tensors.get(name)!.float32(), spec);
      tensors.set(name, tensor(values, [...spec.shape], 'float32'));
    }
  } catch (error) {
    for (const read of tensors.values()) read.dispose();
    throw error;
  }
  return tensors;
}

/** Compares the model, the trainer's options and `run`, as far as both sides have them. */
function compareWith(record: CheckpointRecord, { options }: Trainer, { run, free = [] }: RestoreOptions): string[] {
  const differences = [
    ...(isMissing(record.config) ? [] : listDifferences({ model: record.config }, { model: options.config.official })),
    ...(isMissing(record.training) ? [] : listDifferences(record.training, trainingSettings(options))),
    ...(isMissing(record.run) || isMissing(run) ? [] : listDifferences(record.run, run, new Set(free))),
  ];
  return [...new Set(differences)];
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function assertSame(file: SafetensorsFile, needed: readonly NamedTensor[]): void {
  const wrong = needed.find(({ name, spec }) => String(file.tensors.get(name)?.shape) !== String(storedShape(spec)));
  if (wrong) {
    const found = file.tensors.get(wrong.name);
    throw new TrainingError(
      `${file.label}: this run needs "${wrong.name}" [${storedShape(wrong.spec)}], but the checkpoint ` +
        `${found ? `has it as [${found.shape}]` : 'does not have it'}.`,
    );
  }
  if (file.tensors.size !== needed.length) {
    throw new TrainingError(
      `${file.label}: this run keeps ${needed.length} tensors, but the checkpoint has ${file.tensors.size}; ` +
        `the weights that learn, the averaged or the discriminator differ.`,
    );
  }
}

function adopt(
  { state }: Trainer,
  needed: readonly NamedTensor[],
  tensors: ReadonlyMap<string, Tensor>,
  record: CheckpointRecord,
): void {
  const nameOf = new Map(needed.map(({ name, tensor: old }) => [old, name]));
  const freshOf = (old: Tensor): Tensor => tensors.get(nameOf.get(old)!)!;
  const restore = (adam: Adam, steps: number, weights = adam.weights) => {
    const fresh = adam.state().map(({ mean, square }) => ({ mean: freshOf(mean), square: freshOf(square) }));
    for (const weight of weights) assign(weight, freshOf(weight));
    adam.restore(steps, fresh);
  };
  const { discriminator, average } = state;
  restore(state.adam, record.adamSteps.generator, state.weights);
  if (average) {
    const fresh = average.map(freshOf);
    for (const old of average) old.dispose();
    state.average = fresh;
  }
  if (discriminator) {
    restore(discriminator.adam, record.adamSteps.discriminator);
    const old = discriminator.statistics;
    discriminator.statistics = old.map(({ mean, variance }) => ({
      mean: freshOf(mean) as typeof mean,
      variance: freshOf(variance) as typeof variance,
    }));
    for (const { mean, variance } of old) for (const one of [mean, variance]) one.dispose();
  }
  state.step = record.step;
}

function assign(weight: Variable, value: Tensor): void {
  weight.assign(value);
  value.dispose();
}
