import * as fs from 'node:fs/promises';
import * as nodePath from 'node:path';
import { MediaError } from '@od-vae/core/base';
import { targetError } from '../target-error.ts';
import type { WritableTarget, WriteChunk } from '../types.ts';

/** A name beside `path`, hidden, that nobody else uses. */
export function temporaryPath(path: string): string {
  const unique = `${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
  return nodePath.join(nodePath.dirname(path), `.${nodePath.basename(path)}.${unique}.part`);
}

/** Refuses a target that is a folder before anything is written. */
export async function checkTarget(path: string): Promise<void> {
  const found = await fs.stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new MediaError(`createVideoWriter: "${path}" is a folder, but a file is to be written.`);
  }
}

/** A file that is written beside its place and moved there when closed; aborted, it is removed. */
export async function openFileTarget(path: string): Promise<WritableTarget> {
  await checkTarget(path);
  const name = `"${path}"`;
  const temporary = temporaryPath(path);
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

/** Writes a small file whole, beside its place first. */
export async function writeFileWhole(path: string, data: Uint8Array): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await fs.writeFile(temporary, data, { flag: 'wx' });
    await fs.rename(temporary, path);
  } catch (cause) {
    await fs.rm(temporary, { force: true });
    throw targetError(`"${path}"`, cause);
  }
}
