import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';

/** A file that is written but not yet in its place. */
export interface StagedFile {
  /** Moves it to its place. */
  commit(): Promise<void>;
  /** Throws it away; harmless after `commit`. */
  discard(): Promise<void>;
}

/** Writes a text beside its place, so that nothing can fail between two files that belong together. */
export async function stageTextFile(path: string, text: string): Promise<StagedFile> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const discard = (): Promise<void> => rm(temporary, { force: true });
  try {
    await writeFile(temporary, text, { flag: 'wx' });
  } catch (error) {
    await discard();
    throw error;
  }
  return { commit: () => rename(temporary, path), discard };
}

/** Writes a text file that appears when it is whole. */
export async function writeText(path: string, text: string): Promise<void> {
  const file = await stageTextFile(path, text);
  try {
    await file.commit();
  } finally {
    await file.discard();
  }
}
