import { MediaError } from '@od-vae/core/base';
import { httpBytes } from './http-bytes.ts';
import { MAX_WHOLE_FILE } from './limits.ts';
import { localPath, sourceName } from './source-name.ts';
import type { VideoSource } from './types.ts';

/** Bytes that {@link chunksOf} reads at once. */
const PIECE_BYTES = 2 ** 22;

/** The bytes of a file, read where they are wanted. */
export interface ByteSource {
  /** What messages call it. */
  readonly name: string;
  readonly size: number;
  /** At most `length` bytes; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
  /** Whether a server sends any part of the file; undefined where there is no server. */
  readonly hasRanges?: boolean | undefined;
}

/** Opens the bytes of a video source; those of a web address come as they are read. */
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
    const { openFileBytes } = await import('#node/open-file-bytes');
    return openFileBytes(path);
  }
  const address = String(source);
  if (/^https?:/i.test(address)) {
    return httpBytes(address, name, signal);
  }
  return bytesOfBlob(name, await fetchBlob(address, name));
}

/** All bytes of a source, refused above 512 MiB. */
export async function readWhole(bytes: ByteSource): Promise<Uint8Array> {
  const refuse = (size: string) =>
    new MediaError(
      `openVideo: ${bytes.name} is read whole, which is possible up to ${MAX_WHOLE_FILE} bytes, but it has ${size}.`,
    );
  if (Number.isFinite(bytes.size)) {
    if (bytes.size > MAX_WHOLE_FILE) throw refuse(String(bytes.size));
    return bytes.read(0, bytes.size);
  }
  const data = await bytes.read(0, MAX_WHOLE_FILE + 1);
  if (data.length > MAX_WHOLE_FILE) throw refuse('more');
  return data;
}

/** Reads a source in pieces, from its beginning to its end. */
export async function* chunksOf(bytes: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  for (let position = 0; ;) {
    const piece = await bytes.read(position, PIECE_BYTES);
    if (piece.length > 0) yield piece;
    position += piece.length;
    if (piece.length < PIECE_BYTES) return;
  }
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

/** What a `blob:` or `data:` address stands for, which is on this machine already. */
async function fetchBlob(address: string, name: string): Promise<Blob> {
  try {
    return await (await fetch(address)).blob();
  } catch (cause) {
    throw new MediaError(`openVideo: ${name} could not be fetched: ${(cause as Error).message}.`, { cause });
  }
}
