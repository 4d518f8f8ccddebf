import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { processMark, processState } from './process-mark.ts';

const TEMPORARY = /^\..*\.od-vae-([0-9a-f]{8}-\d+-\d+)-[0-9a-f]{8}\.tmp$/s;

/** Letters of a file's name that its temporary name repeats, so that the name of neither is too long. */
const SHOWN_LETTERS = 32;

/** A hidden name beside `path` that nobody else uses, and that says which process does; Node only. */
export function temporaryPath(path: string): string {
  const shown = Array.from(basename(path)).slice(0, SHOWN_LETTERS).join('');
  const unique = crypto.randomUUID().slice(0, 8);
  return join(dirname(path), `.${shown}.od-vae-${processMark()}-${unique}.tmp`);
}

/** Whether a name, without its folder, is one that {@link temporaryPath} gives. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * Takes away the temporary files and folders that ended processes of this user left in a folder; Node only.
 *
 * What another process is at work on stays, as does what cannot be removed.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const mark = TEMPORARY.exec(name)?.[1];
    if (mark === undefined || processState(mark) !== 'ended') continue;
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found?.uid !== (process.getuid?.() ?? found?.uid)) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
