import { mkdir, readdir, realpath, rmdir, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';

import { isHiddenName } from '@od-vae/core/base';

import { assertOtherFile } from '../assert-other-file.ts';
import { UsageError } from '../usage-error.ts';
import { assertFolder } from '../write-error.ts';

/** The name that loaders look for in a folder. */
const WEIGHTS_NAME = 'diffusion_pytorch_model.safetensors';

/** Where weights go. */
export interface Target {
  readonly weights: string;
  readonly config: string;
  /** The user named a folder, so the weights take a loader's usual name. */
  readonly isFolder: boolean;
}

/**
 * The files that `output` stands for: a folder exists, ends in a slash, or has no extension.
 *
 * @throws UsageError when it is a file of another format than safetensors
 */
export async function targetOf(output: string): Promise<Target> {
  const found = await stat(output).catch(() => undefined);
  const isFolder = found?.isDirectory() ?? (/[\\/]$/.test(output) || extname(output) === '');
  if (!isFolder && extname(output).toLowerCase() !== '.safetensors') {
    throw new UsageError(
      `convert writes a .safetensors file or a folder (ending in a slash), but the output is "${output}".`,
    );
  }
  const folder = isFolder ? output : dirname(output);
  if (isFolder) await assertNoCheckpoint(folder);
  return { isFolder, weights: isFolder ? join(output, WEIGHTS_NAME) : output, config: join(folder, 'config.json') };
}

/** Whether a file of a folder holds weights that `convert` writes, by its name. */
export function isWeightsFile(name: string): boolean {
  return /^diffusion_pytorch_model(?:-\d{5}-of-\d{5})?\.safetensors$|^diffusion_pytorch_model\.safetensors\.index\.json$/.test(
    name,
  );
}

/** Refuses a folder with a `.ckpt` file, which loaders take before the weights that are to be written. */
async function assertNoCheckpoint(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const found = names.find((name) => name.endsWith('.ckpt') && !isHiddenName(name));
  if (found !== undefined) {
    throw new UsageError(
      `the output folder "${folder}" must not contain a .ckpt file, which loaders take first, but contains "${found}"; name another folder.`,
    );
  }
}

/**
 * Refuses a target that is the source: the file itself, or a file that lies in the folder that is read.
 *
 * @throws UsageError that names the file
 */
export async function assertNotSource(input: string, { weights }: Target): Promise<void> {
  await assertOtherFile(input, weights);
  const found = await stat(input).catch(() => undefined);
  const folder = found?.isDirectory() ? input : input.endsWith('.index.json') ? dirname(input) : undefined;
  const target = await realpath(weights).catch(() => undefined);
  if (folder === undefined || target === undefined) return;
  if ((await realpath(folder)) === dirname(target)) {
    throw new UsageError(`the output "${weights}" exists in the folder that is read; name another one.`);
  }
}

/**
 * Makes the folder of a target where the user named one.
 *
 * @returns takes the new folders away again, as long as they are empty
 * @throws MediaError when the folder of a file does not exist
 */
export async function makeFolder({ weights, isFolder }: Target): Promise<() => Promise<void>> {
  const folder = resolve(dirname(weights));
  if (!isFolder) {
    await assertFolder(weights);
    return async () => undefined;
  }
  const first = await mkdir(folder, { recursive: true });
  return async () => {
    if (first === undefined) return;
    for (let path = folder; path.length >= first.length; path = dirname(path)) await rmdir(path);
  };
}
