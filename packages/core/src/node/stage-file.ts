import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { removeAbandoned, temporaryPath } from './temporary-path.ts';

/** A file that has been written beside its place. */
export interface StagedFile {
  /** Puts it in its place. */
  commit(): Promise<void>;
  /** Takes it away, unless it has been put in its place. */
  discard(): Promise<void>;
}

/** Most bytes handed to the system at once. */
const PIECE_BYTES = 2 ** 30;

/**
 * Writes a text, or bytes that come in pieces, to a temporary file beside `path`, down to the disk; Node only.
 *
 * On any failure nothing remains; what a process that was killed left in the folder is taken away first.
 */
export async function stageFile(path: string, content: string | AsyncIterable<Uint8Array>): Promise<StagedFile> {
  await removeAbandoned(dirname(path));
  const temporary = temporaryPath(path);
  const discard = () => rm(temporary, { force: true });
  const handle = await open(temporary, 'wx');
  try {
    try {
      for await (const piece of typeof content === 'string' ? [content] : split(content)) await handle.writeFile(piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return { commit: () => rename(temporary, path), discard };
}

/** Writes a file that appears under its name when it is whole, as {@link stageFile} does; Node only. */
export async function writeAtomically(path: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
  const file = await stageFile(path, content);
  try {
    await file.commit();
  } finally {
    await file.discard();
  }
}

async function* split(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    for (let begin = 0; begin < chunk.length; begin += PIECE_BYTES) yield chunk.subarray(begin, begin + PIECE_BYTES);
  }
}
