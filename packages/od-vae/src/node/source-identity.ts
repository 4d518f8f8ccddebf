import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { isHiddenName } from '@od-vae/core/base';
import type { VideoSource } from '@od-vae/video';

import { localPath, patternOf } from './local-path.ts';

/** Sources of at most this many bytes are hashed completely; of larger ones, samples of as many bytes. */
const HASHED_BYTES = 2 ** 26;

/** The same for each file of a folder, and for addresses without an `ETag` or date. */
const SMALL_HASHED_BYTES = 2 ** 20;

const SAMPLES = 64;

/** Longest wait for a server. */
const TIMEOUT_MS = 30_000;

/** Bytes that are read in pieces, and how many there are. */
interface Content {
  readonly size: number;
  read(begin: number, end: number): Promise<Uint8Array>;
}

/**
 * Identifies a source by its content: the size and a hash of the bytes (of samples where there are many), or what a server
 * reports (`ETag`, `Last-Modified` and length).
 *
 * @returns the same text for the same content, and `undefined` for a source that cannot be identified, such as a stream
 */
export async function sourceIdentity(source: VideoSource | string): Promise<string | undefined> {
  if (source instanceof Blob) return hashContent(contentOfBlob(source));
  if (source instanceof Uint8Array) return hashContent(contentOfBytes(source));
  if (typeof source !== 'string' && !(source instanceof URL)) return undefined;
  const text = String(source);
  if (/^(?:blob|data):/i.test(text)) return hashContent(contentOfBlob(await (await fetch(text)).blob()));
  if (/^https?:/i.test(text)) return addressIdentity(text).catch(() => undefined);
  return pathIdentity(localPath(source)!);
}

async function pathIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return hashFile(path, HASHED_BYTES);
  const pattern = patternOf(path);
  if (found?.isDirectory() || (!found && pattern)) {
    const folder = found ? path : dirname(path);
    const names = (await readdir(folder).catch(() => []))
      .filter((name) => (found ? !isHiddenName(name) : pattern!.test(name)))
      .toSorted();
    return hashFolder(folder, names);
  }
  return undefined;
}

async function hashFolder(folder: string, names: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of names) {
    const path = join(folder, name);
    if (!(await stat(path).catch(() => undefined))?.isFile()) continue;
    hash.update(`${JSON.stringify(basename(name))} ${await hashFile(path, SMALL_HASHED_BYTES)}\n`);
  }
  return `${names.length} files, SHA-256 ${hash.digest('hex')}`;
}

async function hashFile(path: string, limit: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (begin: number, end: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(end - begin), 0, end - begin, begin);
      return buffer.subarray(0, bytesRead);
    };
    return await hashContent({ size, read }, limit);
  } finally {
    await file.close();
  }
}

async function hashContent({ size, read }: Content, limit = HASHED_BYTES): Promise<string> {
  const hash = createHash('sha256');
  const length = Math.floor(Math.min(size, limit) / SAMPLES);
  if (size <= limit) {
    for (let begin = 0; begin < size; begin += limit) hash.update(await read(begin, Math.min(size, begin + limit)));
    return `${size} bytes, SHA-256 ${hash.digest('hex')}`;
  }
  for (let sample = 0; sample < SAMPLES; sample++) {
    const begin = Math.floor((sample * (size - length)) / (SAMPLES - 1));
    hash.update(await read(begin, begin + length));
  }
  return `${size} bytes, SHA-256 of samples ${hash.digest('hex')}`;
}

function contentOfBlob(blob: Blob): Content {
  return { size: blob.size, read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()) };
}

function contentOfBytes(bytes: Uint8Array): Content {
  return { size: bytes.length, read: async (begin, end) => bytes.subarray(begin, end) };
}

async function addressIdentity(url: string): Promise<string | undefined> {
  const { response, size } = await requestRange(url, 0, 1);
  await response.body?.cancel();
  const tag = response.headers.get('etag');
  if (tag) return `ETag ${tag}, ${size ?? 'unknown'} bytes`;
  const date = response.headers.get('last-modified');
  if (size === undefined) return undefined;
  if (date) return `last modified ${date}, ${size} bytes`;
  if (response.status !== 206) return undefined;
  return hashContent(
    {
      size,
      read: async (begin, end) => {
        const { response: part } = await requestRange(url, begin, end);
        if (part.status !== 206) throw new Error(`The server answered ${part.status}.`);
        return new Uint8Array(await part.arrayBuffer());
      },
    },
    SMALL_HASHED_BYTES,
  );
}

/** Requests bytes of an address; `size` is the length of the whole. */
async function requestRange(url: string, begin: number, end: number) {
  const response = await fetch(url, {
    headers: { range: `bytes=${begin}-${end - 1}`, 'accept-encoding': 'identity' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const { headers, status } = response;
  const length =
    status === 206 ? /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] : headers.get('content-length');
  return { response, size: length ? Number(length) : undefined };
}
