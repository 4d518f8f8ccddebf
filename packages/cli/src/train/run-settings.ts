import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { relative } from 'node:path';

import type { TrainConfig } from './train-config.ts';

/** Settings that do not change what the next steps compute, or whose files are compared by content. */
export const FREE_SETTINGS = [
  'model',
  'output',
  'steps',
  'checkpointing',
  'saveEvery',
  'keep',
  'imagesEvery',
  'data.folder',
  'data.cache',
  'data.cacheBytes',
  'data.ahead',
  'perceptual.weights',
] as const;

/** Files that are recorded by name; of larger data sets only their number and a hash of all are. */
const MOST_NAMES = 2000;

/** Bytes of a file's beginning, middle and end that identify it, together with its size. */
const SAMPLE_BYTES = 4096;

/** The files of a data set: their number, and a hash of all, or the size and hash of each by its path in the folder. */
type FilesRecord = { readonly count: number } & (
  | { readonly hash: string }
  | { readonly byName: Readonly<Record<string, string>> }
);

/** Settings of a run that its checkpoints record. */
export type RunSettings = TrainConfig & {
  readonly videos: FilesRecord;
  /** Sizes and hashes of the files of LPIPS. */
  readonly lpips: readonly string[] | null;
};

/** Describes a run by its configuration and the contents of its files. */
export async function describeRun(config: TrainConfig, videos: readonly string[]): Promise<RunSettings> {
  const names: Record<string, string> = {};
  for (const path of videos) names[relative(config.data.folder, path).replaceAll('\\', '/')] = await fingerprint(path);
  const count = videos.length;
  const hash = () => createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 16);
  const weights = config.perceptual && [config.perceptual.weights].flat();
  return {
    ...config,
    videos: count <= MOST_NAMES ? { count, byName: names } : { count, hash: hash() },
    lpips: weights && (await Promise.all(weights.map(fingerprint))),
  };
}

/** Identifies a file by its size and samples of its content; a file that cannot be read by the reason. */
async function fingerprint(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const hash = createHash('sha256');
      for (const begin of new Set([0, Math.floor(size / 2), Math.max(0, size - SAMPLE_BYTES)])) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, begin);
        hash.update(buffer.subarray(0, bytesRead));
      }
      return `${size} bytes, ${hash.digest('hex').slice(0, 16)}`;
    } finally {
      await file.close();
    }
  } catch (error) {
    return `unreadable (${(error as NodeJS.ErrnoException).code})`;
  }
}
