import { openVideo, type ReadOptions } from '@od-vae/video';

/**
 * Refuses a video that cannot be read as asked before a model is loaded (or even downloaded) for it.
 *
 * Addresses and the standard input are left to the reading itself, since they would be fetched twice.
 *
 * @throws MediaError or ConfigError, as reading it would
 */
export async function checkVideo(input: string, options: ReadOptions): Promise<void> {
  if (input === '-' || /^https?:/i.test(input)) return;
  const reader = await openVideo(input, options);
  await reader.close();
}
