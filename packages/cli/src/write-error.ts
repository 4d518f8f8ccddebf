import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { MediaError } from '@od-vae/core';

import { systemReason } from './system-reason.ts';

/** The error of a file that the system did not let be written, in words; other errors come back as they are. */
export function writeError(path: string, error: unknown): unknown {
  const reason = systemReason(error);
  return reason === undefined ? error : new MediaError(`"${path}" could not be written: ${reason}.`, { cause: error });
}

/**
 * Refuses a file whose folder does not exist, before any work is done.
 *
 * @throws MediaError that names the folder
 */
export async function assertFolder(path: string): Promise<void> {
  const folder = resolve(dirname(path));
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new MediaError(`"${path}" needs a folder to go to, but there is none at "${folder}".`);
}
