import { MediaError } from '@od-vae/core/base';
import { MAX_WHOLE_FILE } from './limits.ts';
import { hasNode } from './runtime.ts';

/** A stream that was written down, until it is removed. */
export interface Spooled {
  readonly source: string | Blob;
  remove(): Promise<void>;
}

/** Writes a stream to a temporary file; where there are none, to a Blob of at most 512 MiB. */
export async function spool(chunks: AsyncIterable<Uint8Array>): Promise<Spooled> {
  if (hasNode()) {
    const { temporaryFile } = await import('#node/temporary-copy');
    const { path, remove } = await temporaryFile(chunks);
    return { source: path, remove };
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_WHOLE_FILE) {
      throw new MediaError(`openVideo: a stream is held whole here, which is possible up to ${MAX_WHOLE_FILE} bytes.`);
    }
    parts.push(chunk);
  }
  return { source: new Blob(parts as BlobPart[]), remove: async () => undefined };
}
