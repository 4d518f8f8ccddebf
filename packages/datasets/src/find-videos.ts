import { MediaError } from '@od-vae/core/base';

const EXTENSIONS = new Set(['.avi', '.mkv', '.mov', '.mp4', '.webm', '.y4m']);

/**
 * Paths of all videos below a folder, by their names, sorted; Node only.
 *
 * @throws MediaError when there is no such folder, or no video in it
 */
export async function findVideos(folder: string): Promise<string[]> {
  const { readdir } = await import('#node/fs');
  const { extname, join } = await import('#node/path');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new MediaError(`findVideos: needs a folder, but "${folder}" cannot be read as one.`, { cause });
  });
  const paths = entries
    .filter((entry) => entry.isFile() && EXTENSIONS.has(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  if (paths.length === 0) {
    throw new MediaError(`findVideos: "${folder}" needs a video (${[...EXTENSIONS].join(', ')}), but has none.`);
  }
  return paths;
}
