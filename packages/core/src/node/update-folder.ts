import { chmod, copyFile, cp, link, lstat, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';

import { recoverFolder, replaceFolder } from './replace-folder.ts';
import { isTemporaryName, removeAbandoned, temporaryPath } from './temporary-path.ts';

/**
 * Writes files into a folder, where all of them appear at once; Node only.
 *
 * The files are written into a hidden folder beside it, which gets the other files of the folder as well (as hard links
 * where possible) and then replaces it. On any failure the folder stays as it was. The working directory cannot be
 * replaced: there, the files are moved one by one.
 *
 * @param isOutdated whether a file of the folder, by its name, belongs to what the new files replace
 * @param write writes the files into the folder that it is called with
 */
export async function updateFolder<T>(
  folder: string,
  isOutdated: (name: string) => boolean,
  write: (folder: string) => Promise<T>,
): Promise<T> {
  await recoverFolder(folder);
  const path = await realpath(folder).catch(() => resolve(folder));
  await removeAbandoned(dirname(path));
  const temporary = temporaryPath(path);
  await mkdir(temporary);
  try {
    const result = await write(temporary);
    const written = await readdir(temporary);
    const previous = await readdir(path).catch(() => []);
    const kept = previous.filter((name) => !written.includes(name) && !isOutdated(name) && !isTemporaryName(name));
    if (`${process.cwd()}${sep}`.startsWith(`${path}${sep}`)) {
      for (const name of written) await rename(join(temporary, name), join(path, name));
      for (const name of previous) if (!kept.includes(name) && !written.includes(name)) await rm(join(path, name));
      return result;
    }
    for (const name of kept) await linkTree(join(path, name), join(temporary, name));
    const found = await lstat(path).catch(() => undefined);
    if (found) await chmod(temporary, found.mode & 0o7777);
    await replaceFolder(temporary, path);
    return result;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function linkTree(from: string, to: string): Promise<void> {
  const found = await lstat(from);
  if (found.isDirectory()) {
    await mkdir(to);
    for (const name of await readdir(from)) await linkTree(join(from, name), join(to, name));
  } else if (found.isFile()) {
    await link(from, to).catch(() => copyFile(from, to));
  } else {
    await cp(from, to, { verbatimSymlinks: true });
  }
}
