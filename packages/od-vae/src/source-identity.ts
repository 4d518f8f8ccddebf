import type { VideoSource } from '@od-vae/video';

/** What every source is that comes once. */
export const STREAM = 'a stream';

/** What tells a source from another or from itself at another time: size and date of a file, or its address. */
export async function sourceIdentity(source: VideoSource | string): Promise<string> {
  if (source instanceof Blob) return `${source.size} bytes`;
  if (source instanceof Uint8Array) return `${source.length} bytes`;
  if (typeof source !== 'string' && !(source instanceof URL)) return STREAM;
  const text = String(source);
  if (/^(https?|blob|data):/i.test(text)) return text;
  const { stat } = await import('#node/fs');
  const path = /^file:/i.test(text) ? process.getBuiltinModule('node:url').fileURLToPath(text) : text;
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? `${found.size} bytes of ${found.mtime.toISOString()}` : text;
}
