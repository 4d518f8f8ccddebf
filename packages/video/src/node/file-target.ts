import * as fs from 'node:fs/promises';
import * as nodePath from 'node:path';
import { MediaError } from '@od-vae/core/base';
import { removeAbandoned, temporaryPath } from '@od-vae/core/files';
import { targetError } from '../target-error.ts';
import type { WritableTarget, WriteChunk } from '../types.ts';

/** A name beside `path` to write to; what processes that were killed left there is taken away, and a folder is refused. */
export async function prepareTarget(path: string): Promise<string> {
  const found = await fs.stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new MediaError(`createVideoWriter: "${path}" is a folder, but a file is to be written.`);
  }
  await removeAbandoned(nodePath.dirname(path));
  return temporaryPath(path);
}

/** A file that is written beside its place and moved there when closed; aborted, it is removed. */
export async function openFileTarget(path: string): Promise<WritableTarget> {
  const temporary = await prepareTarget(path);
  const name = `"${path}"`;
  const handle = await fs.open(temporary, 'wx').catch((cause: unknown) => {
    throw targetError(name, cause);
  });
  const discard = async () => {
    await handle.close().catch(() => undefined);
    await fs.rm(temporary, { force: true });
  };
  // A stream that failed is never told to abort, so each step cleans up after itself.
  const orDiscard = async (step: () => Promise<void>) => {
    try {
      await step();
    } catch (cause) {
      await discard();
      throw cause;
    }
  };
  return new WritableStream<WriteChunk>({
    write: ({ data, position }) =>
      orDiscard(async () => {
        for (let written = 0; written < data.length;) {
          const { bytesWritten } = await handle.write(data, written, data.length - written, position + written);
          written += bytesWritten;
        }
      }),
    close: () =>
      orDiscard(async () => {
        await handle.close();
        await fs.rename(temporary, path);
      }),
    abort: discard,
  });
}
