/** Version of the layout of checkpoints. */
export const CHECKPOINT_VERSION = 1;

/** `state.json` of a checkpoint. */
export interface CheckpointRecord {
  readonly version: number;
  /** Steps done. */
  readonly step: number;
  readonly adamSteps: { readonly generator: number; readonly discriminator: number };
  /** The model's official `config.json`. */
  readonly config: unknown;
  /** Seed, losses and optimizers of the trainer; undefined in older checkpoints. */
  readonly training?: unknown;
  /** What the run added. */
  readonly run: unknown;
}

/** A checkpoint of a run. */
export interface CheckpointEntry {
  readonly step: number;
  readonly path: string;
}

/** Name of a checkpoint's folder: sorted by name, checkpoints are sorted by step. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

/** The whole checkpoints of a folder, oldest first; none when there is no such folder. */
export async function listCheckpoints(folder: string): Promise<CheckpointEntry[]> {
  const { readdir } = await import('#node/fs');
  const { join } = await import('#node/path');
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => /^step-\d{8,}$/.test(name))
    .map((name) => ({ step: Number(name.slice('step-'.length)), path: join(folder, name) }))
    .toSorted((a, b) => a.step - b.step);
}
