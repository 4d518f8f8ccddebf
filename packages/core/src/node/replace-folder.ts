import { lstat, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Attempts to put a folder in place while another process recovers the previous one. */
const ATTEMPTS = 5;

/**
 * Puts a complete folder in place of `path`, and then removes the folder that was there; Node only.
 *
 * Both must be on one file system. A process that is killed leaves the old or the new folder under `path`, or the old one
 * beside it, from where {@link recoverFolder} puts it back.
 */
export async function replaceFolder(complete: string, path: string): Promise<void> {
  const previous = previousPath(path);
  await recoverFolder(path);
  for (let attempt = 1; ; attempt++) {
    await renameIfPresent(path, previous);
    try {
      await rename(complete, path);
      break;
    } catch (error) {
      await recoverFolder(path);
      if (!isTaken(error) || attempt === ATTEMPTS) throw error;
    }
  }
  await rm(previous, { recursive: true, force: true });
}

/** Finishes what a killed {@link replaceFolder} of this path left: call it before reading or writing the folder; Node only. */
export async function recoverFolder(path: string): Promise<void> {
  const previous = previousPath(path);
  if (!(await exists(previous))) return;
  if (await exists(path)) await rm(previous, { recursive: true, force: true });
  else await renameIfPresent(previous, path);
}

/** The hidden folder beside `path` that holds the previous one while it is replaced. */
function previousPath(path: string): string {
  const full = resolve(path);
  return join(dirname(full), `.${basename(full)}.od-vae-previous`);
}

async function renameIfPresent(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
