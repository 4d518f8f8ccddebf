import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { ConfigError } from '@od-vae/core';

import { localPath, patternOf } from './local-path.ts';

/**
 * Refuses an output that is the input, also by another name: a link, a relative path, a `file:` URL, other letters in a
 * file system that ignores case, or a sequence of images that shares a file with it.
 *
 * @throws ConfigError before anything is written
 */
export async function assertOtherFile(caller: string, input: unknown, output: unknown): Promise<void> {
  const [source, target] = [localPath(input), localPath(output)];
  if (source === undefined || target === undefined) return;
  const [read, written] = [await filesOf(source, 'input'), await filesOf(target, 'output')];
  const shared = [...written.keys()].find((id) => read.has(id));
  if (shared === undefined) return;
  throw new ConfigError(
    `${caller}: the output must be another file than the input, but "${target}" is "${written.get(shared)}", ` +
      `which is read from "${source}"; choose another output.`,
  );
}

/** Files by what identifies them: the device and the number on it, or the real path where there is none yet. */
async function filesOf(path: string, role: 'input' | 'output'): Promise<Map<string, string>> {
  const pattern = patternOf(path);
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  const paths = [path];
  if (!found && pattern) {
    const names = await readdir(dirname(path)).catch(() => []);
    paths.push(...names.filter((name) => pattern.test(name)).map((name) => join(dirname(path), name)));
  } else if (found?.isDirectory() && role === 'input') {
    paths.push(...(await readdir(path)).map((name) => join(path, name)));
  }
  return new Map(await Promise.all(paths.map(async (file) => [await fileId(file), file] as const)));
}

async function fileId(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found && found.ino !== 0n) return `${found.dev}:${found.ino}`;
  const folder = await realpath(dirname(path)).catch(() => resolve(dirname(path)));
  return found ? await realpath(path) : join(folder, basename(path));
}
