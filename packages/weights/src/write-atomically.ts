import { PIECE_BYTES } from './byte-source.ts';

/** A file that has been written beside its place. */
export interface StagedFile {
  /** Puts it in its place. */
  commit(): Promise<void>;
  /** Takes it away, unless it has been put in its place. */
  discard(): Promise<void>;
}

/** Writes pieces to a temporary file beside `path` and renames it at the end; on any failure nothing remains. */
export async function writeAtomically(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await stageFile(path, chunks);
  try {
    await file.commit();
  } finally {
    await file.discard();
  }
}

/** Writes pieces to a temporary file beside `path`; on any failure nothing remains. */
export async function stageFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<StagedFile> {
  const { open, rename, rm } = await import('node:fs/promises');
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  const discard = () => rm(temporary, { force: true });
  const handle = await open(temporary, 'wx');
  try {
    try {
      for await (const chunk of chunks) {
        for (let begin = 0; begin < chunk.length; begin += PIECE_BYTES) {
          await handle.writeFile(chunk.subarray(begin, begin + PIECE_BYTES));
        }
      }
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
