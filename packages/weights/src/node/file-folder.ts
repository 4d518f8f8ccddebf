import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { isHiddenName } from '@od-vae/core/base';

import type { Folder } from '../folder.ts';
import { fileSource } from './file-source.ts';

/** A folder on disk; Node only. */
export function fileFolder(path: string, signal?: AbortSignal): Folder {
  return {
    label: path,
    list: async () => {
      const entries = await readdir(path, { withFileTypes: true });
      return entries.filter((entry) => !entry.isDirectory() && !isHiddenName(entry.name)).map(({ name }) => name);
    },
    open: async (name) => {
      try {
        return await fileSource(join(path, name), signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}
