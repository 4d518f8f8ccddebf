import { CheckpointError } from '@od-vae/core/base';

import { blobSource, type ByteSource, checkRange, readPieces } from './byte-source.ts';

/** What a request needs beside its address. */
export interface HttpOptions {
  fetch?: typeof fetch | undefined;
  signal?: AbortSignal | undefined;
}

/** Answers that mean no file, or (as object stores answer for files that do not exist) none that may be read. */
const MISSING: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** The size in `Content-Range: bytes 0-0/1234`, and the first and last byte that came. */
const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/i;

/**
 * A file on a web server as a source, read by range; undefined when the server has none or lets none be read.
 *
 * A server that ignores `Range` sends the whole file once, which then stays in memory.
 *
 * @throws CheckpointError on any other answer, and later when the file changes between two reads.
 */
export async function httpSource(url: string, options: HttpOptions = {}): Promise<ByteSource | undefined> {
  const get = (range: string): Promise<Response> => requestRange(url, range, options);
  const first = await get('0-0');
  if (MISSING.has(first.status)) {
    await first.body?.cancel();
    return undefined;
  }
  if (first.status === 200) return blobSource(await first.blob(), url, options.signal);
  const size = rangeOf(first, url).size;
  const version = first.headers.get('etag');
  await first.body?.cancel();

  const readPiece = async (begin: number, end: number): Promise<Uint8Array> => {
    const response = await get(`${begin}-${end - 1}`);
    const range = rangeOf(response, url);
    if (range.size !== size || response.headers.get('etag') !== version) {
      await response.body?.cancel();
      throw new CheckpointError(`${url} changed while it was read.`);
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (range.begin !== begin || bytes.length !== end - begin) {
      throw new CheckpointError(
        `${url}: bytes ${begin} to ${end} were asked for, but ${bytes.length} from ${range.begin} came.`,
      );
    }
    return bytes;
  };

  const source = { label: url, size };
  return {
    ...source,
    read: async (begin, end) => {
      checkRange(source, begin, end);
      return readPieces(begin, end, readPiece);
    },
    close: async () => {},
  };
}

async function requestRange(
  url: string,
  range: string,
  { fetch: request = fetch, signal }: HttpOptions,
): Promise<Response> {
  try {
    return await request(url, { headers: { Range: `bytes=${range}` }, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    throw new CheckpointError(`${url} cannot be reached: ${(error as Error).message}.`, { cause: error });
  }
}

function rangeOf(response: Response, url: string): { begin: number; size: number } {
  const match = CONTENT_RANGE.exec(response.headers.get('content-range') ?? '');
  if (response.status !== 206 || !match) {
    throw new CheckpointError(
      `${url}: the server answered ${response.status} ${response.statusText} to a request for a byte range.`,
    );
  }
  return { begin: Number(match[1]), size: Number(match[3]) };
}
