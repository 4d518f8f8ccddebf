import { fileSource } from './file-source.ts';
import type { Folder } from './folder.ts';

/** A folder on disk; Node only. */
export function fileFolder(path: string, signal?: AbortSignal): Folder {
  return {
    label: path,
    list: async () => {
      const { readdir } = await import('node:fs/promises');
      const entries = await readdir(path, { withFileTypes: true });
      return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    },
    open: async (name) => {
      const { join } = await import('node:path');
      try {
        return await fileSource(join(path, name), signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}
