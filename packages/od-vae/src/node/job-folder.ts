import { mkdir, readdir, readFile, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { CheckpointError, ConfigError, MediaError } from '@od-vae/core';
import { isSystemFile } from '@od-vae/core/base';
import {
  isTemporaryName,
  processMark,
  processState,
  recoverFolder,
  replaceFolder,
  writeAtomically,
} from '@od-vae/core/files';
import { type Checkpoint, openCheckpoint, type WritableTensor, writeSafetensors } from '@od-vae/weights';

/** What a part of a job holds: latents of a group, or rebuilt frames of one. */
export type PartKind = 'latents' | 'frames';

/** What decides every byte that a job gives. A job goes on only where each of these is as it was. */
export type JobSettings = Readonly<Record<string, unknown>>;

/** The name of a part. */
const PART = /^(latents|frames)-(\d{6,})\.safetensors$/;

const SETTINGS = 'job.json';

/** What a folder of latents says of itself; its presence means that nothing is missing. */
export const INDEX = 'latents.json';

/**
 * The finished groups of a job, each a safetensors file of its own in one folder.
 *
 * A part appears under its name when it is whole, so that a job can be ended at any moment, by any means, and go on.
 */
export class JobFolder {
  readonly path: string;
  readonly #parts: Set<string>;

  private constructor(path: string, parts: Set<string>) {
    this.path = path;
    this.#parts = parts;
  }

  /**
   * Opens the folder of a job, with the parts that are there where it is to go on, and empty otherwise.
   *
   * @throws ConfigError when it is to go on with other settings than it was begun with; MediaError when the folder holds
   * something else, or another process is at work in it.
   */
  static async open(
    path: string,
    settings: JobSettings,
    { resume, force = false }: { resume: boolean; force?: boolean },
  ): Promise<JobFolder> {
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const names = await readdir(path);
    assertOwn(path, names);
    const begun = names.includes(SETTINGS) ? await readSettings(join(path, SETTINGS)) : undefined;
    if (begun) await assertAlone(path, begun.process);
    const goesOn = resume && begun !== undefined;
    if (goesOn) assertSame(path, begun.settings, settings, force);
    const kept = new Set<string>();
    for (const name of names) {
      if (goesOn && (await isWhole(path, name))) kept.add(name);
      else if (name !== SETTINGS) await rm(join(path, name), { force: true });
    }
    await writeAtomically(join(path, SETTINGS), JSON.stringify({ process: processMark(), settings }));
    return new JobFolder(path, kept);
  }

  has(kind: PartKind, index: number): boolean {
    return this.#parts.has(partName(kind, index));
  }

  /** How many parts follow each other from the first on. */
  count(kind: PartKind): number {
    let count = 0;
    while (this.has(kind, count)) count += 1;
    return count;
  }

  /** Opens a part that is there; its reader closes it. */
  read(kind: PartKind, index: number): Promise<Checkpoint> {
    return openCheckpoint(join(this.path, partName(kind, index)));
  }

  async write(
    kind: PartKind,
    index: number,
    tensors: readonly WritableTensor[],
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const name = partName(kind, index);
    await writeSafetensors(join(this.path, name), tensors, { metadata });
    this.#parts.add(name);
  }

  /** Takes away every part, and the folder where nothing else is in it. */
  async remove(): Promise<void> {
    const names = await readdir(this.path).catch(() => []);
    for (const name of names) if (isOwn(name)) await rm(join(this.path, name), { force: true });
    await rmdir(this.path).catch(() => undefined);
  }

  /**
   * Writes `index` beside the parts and puts the folder in place of `target`, which {@link openTargetFolder} returned.
   *
   * The previous folder is removed once the new one is in place.
   */
  async complete(index: object, target: string): Promise<void> {
    await writeAtomically(join(this.path, INDEX), JSON.stringify(index));
    await replaceFolder(this.path, target);
    await rm(join(target, SETTINGS));
  }
}

/**
 * Returns the real path of a folder that a job is to replace when it is complete; it need not exist.
 *
 * @throws MediaError when it holds anything but the parts of a job
 */
export async function openTargetFolder(path: string): Promise<string> {
  await recoverFolder(path);
  const real = await realpath(path).catch(() => resolve(path));
  await recoverFolder(real);
  const names = await readdir(real).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return [];
  });
  assertOwn(path, names);
  return real;
}

/** Whether there is a folder, also one that a killed process was about to replace. */
export async function isFolder(path: string): Promise<boolean> {
  await recoverFolder(path);
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

function assertOwn(path: string, names: readonly string[]): void {
  const stranger = names.find((name) => !isOwn(name));
  if (stranger === undefined) return;
  throw new MediaError(
    `"${path}" is to hold the parts of a job and nothing else, but holds "${stranger}"; choose another folder.`,
  );
}

function isOwn(name: string): boolean {
  return PART.test(name) || name === SETTINGS || name === INDEX || isTemporaryName(name) || isSystemFile(name);
}

/** The name of a part in its folder. */
export function partName(kind: PartKind, index: number): string {
  return `${kind}-${String(index).padStart(6, '0')}.safetensors`;
}

async function readSettings(path: string): Promise<{ process: unknown; settings: JobSettings } | undefined> {
  const value = await readFile(path, 'utf8')
    .then((text): unknown => JSON.parse(text))
    .catch(() => undefined);
  if (typeof value !== 'object' || value === null || !('settings' in value)) return undefined;
  const { settings } = value as { settings: unknown };
  if (typeof settings !== 'object' || settings === null) return undefined;
  return { process: 'process' in value ? value.process : undefined, settings: settings as JobSettings };
}

async function assertAlone(path: string, other: unknown): Promise<void> {
  if (typeof other !== 'string' || other === processMark() || processState(other) !== 'running') return;
  throw new MediaError(`"${path}" is in use by process ${other.split('-')[1]}; wait for it, or choose another output.`);
}

/** Returns what the job in a folder was begun with, if there is one. */
export async function begunSettings(path: string): Promise<JobSettings | undefined> {
  return (await readSettings(join(path, SETTINGS)))?.settings;
}

function assertSame(path: string, begun: JobSettings, settings: JobSettings, force: boolean): void {
  const text = (value: unknown) => JSON.stringify(value) ?? 'nothing';
  const isUnknown = (key: string) =>
    key === 'source' && [begun[key], settings[key]].some((value) => (value ?? null) === null);
  const others = Object.keys({ ...begun, ...settings }).filter(
    (key) => text(begun[key]) !== text(settings[key]) && !(force && isUnknown(key)),
  );
  if (others.length === 0) return;
  const differences = others.map((key) => `${key} ${text(begun[key])}, and cannot go on with ${text(settings[key])}`);
  throw new ConfigError(`"${path}" was begun with ${differences.join('; with ')}; start over without resume.`);
}

/** Whether a name is that of a part that can be read; after a power cut it may not be. */
async function isWhole(path: string, name: string): Promise<boolean> {
  if (!PART.test(name)) return false;
  try {
    await (await openCheckpoint(join(path, name))).close();
    return true;
  } catch (error) {
    if (error instanceof CheckpointError) return false;
    throw error;
  }
}
