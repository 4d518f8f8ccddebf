import { PIECE_BYTES } from './byte-source.ts';

/** Writes pieces to a temporary file beside `path` and renames it at the end; on any failure nothing remains. */
export async function writeAtomically(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
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
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
