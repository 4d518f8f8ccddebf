import { MediaError } from '@od-vae/core/base';
import { MAX_WHOLE_FILE } from './limits.ts';
import { localPath, sourceName } from './source-name.ts';
import type { VideoSource } from './types.ts';

/** The bytes of a file, read where they are wanted. */
export interface ByteSource {
  /** What messages call it. */
  readonly name: string;
  readonly size: number;
  /** At most `length` bytes; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens the bytes of a video source; an address on the network is fetched whole, at most 512 MiB. */
export async function openBytes(source: VideoSource, signal?: AbortSignal): Promise<ByteSource> {
  const name = sourceName(source);
  if (source instanceof Uint8Array) {
    return bytesInMemory(name, source);
  }
  if (source instanceof Blob) {
    return bytesOfBlob(name, source);
  }
  const path = localPath(source);
  if (path !== undefined) {
    const { openFileBytes } = await import('./node/open-file-bytes.ts');
    return openFileBytes(path);
  }
  return bytesInMemory(name, await fetchWhole(String(source), name, signal));
}

/** All bytes of a source, refused above 512 MiB. */
export async function readWhole(bytes: ByteSource): Promise<Uint8Array> {
  if (bytes.size > MAX_WHOLE_FILE) {
    throw new MediaError(
      `openVideo: ${bytes.name} is read whole, which is possible up to ${MAX_WHOLE_FILE} bytes, but it has ${bytes.size}.`,
    );
  }
  return bytes.read(0, bytes.size);
}

function bytesInMemory(name: string, data: Uint8Array): ByteSource {
  return {
    name,
    size: data.length,
    read: async (offset, length) => data.subarray(offset, offset + length),
    close: async () => undefined,
  };
}

function bytesOfBlob(name: string, blob: Blob): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    close: async () => undefined,
  };
}

async function fetchWhole(url: string, name: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (cause) {
    signal?.throwIfAborted();
    throw new MediaError(`openVideo: ${name} could not be fetched: ${(cause as Error).message}.`, { cause });
  }
  if (!response.ok) {
    throw new MediaError(`openVideo: ${name} could not be fetched: the server answered ${response.status}.`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_WHOLE_FILE) {
      throw new MediaError(`openVideo: ${name} is read whole, which is possible up to ${MAX_WHOLE_FILE} bytes.`);
    }
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}
