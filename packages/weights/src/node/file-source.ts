import { open } from 'node:fs/promises';

import { CheckpointError } from '@od-vae/core/base';

import { type ByteSource, checkRange, newBytes, PIECE_BYTES } from '../byte-source.ts';

/** A file on disk as a source; Node only. The file stays open until `close`. */
export async function fileSource(path: string, signal?: AbortSignal): Promise<ByteSource> {
  signal?.throwIfAborted();
  const handle = await open(path, 'r');
  const { size } = await handle.stat().catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  const source = { label: path, size };
  let closed = false;

  const readAll = async (begin: number, end: number): Promise<Uint8Array> => {
    const bytes = newBytes(end - begin);
    let filled = 0;
    while (filled < bytes.length) {
      signal?.throwIfAborted();
      const length = Math.min(bytes.length - filled, PIECE_BYTES);
      const { bytesRead } = await handle.read(bytes, filled, length, begin + filled);
      if (bytesRead === 0) throw new CheckpointError(`${path} had ${size} bytes when opened and ends earlier now.`);
      filled += bytesRead;
    }
    return bytes;
  };

  return {
    ...source,
    read: async (begin, end) => {
      if (closed) throw new CheckpointError(`${path} is closed; read its tensors before closing the checkpoint.`);
      checkRange(source, begin, end);
      return readAll(begin, end);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await handle.close();
    },
  };
}
