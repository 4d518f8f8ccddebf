import * as fs from 'node:fs/promises';
import { MediaError } from '@od-vae/core/base';
import type { ByteSource } from '../byte-source.ts';

/** Opens a file on disk for reading at any position. */
export async function openFileBytes(path: string): Promise<ByteSource> {
  const handle = await fs.open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new MediaError(`openVideo: ${reasonFor(path, cause)}.`, { cause });
  });
  const { size } = await handle.stat();
  return {
    name: `"${path}"`,
    size,
    read: async (offset, length) => {
      const data = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < data.length) {
        const { bytesRead } = await handle.read(data, filled, data.length - filled, offset + filled);
        if (bytesRead === 0) {
          break;
        }
        filled += bytesRead;
      }
      return data.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}

function reasonFor(path: string, { code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return `there is no file "${path}"`;
    case 'EACCES':
    case 'EPERM':
      return `"${path}" may not be read by this user`;
    default:
      return `"${path}" cannot be opened: ${message}`;
  }
}
