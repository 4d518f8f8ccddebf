import { MediaError } from '@od-vae/core/base';
import type { ByteSource } from './byte-source.ts';
import { type StreamBytes, streamBytes } from './stream-bytes.ts';

/** Requests in a row that may break off without a byte. */
const MAX_ATTEMPTS = 3;

/** Bytes that are rather read and thrown away than asked for anew. */
const NEAR_BYTES = 2 ** 20;

const CONTENT_RANGE = /^bytes (\d+)-\d+\/(\d+|\*)$/i;

/** The answer to any range of an empty file. */
const EMPTY_RANGE = /^bytes \*\/0$/i;

/** What a server sends from some position on. */
interface Answer {
  readonly begin: number;
  /** Undefined where the server does not say. */
  readonly size: number | undefined;
  readonly hasRanges: boolean;
  /** Changes with the file, where the server says so. */
  readonly version: string | null;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * The bytes of a web address, read as they come, so that only what is being read is in memory.
 *
 * What lies elsewhere is asked for by range where the server has ranges, as is the rest after a connection broke; elsewhere
 * the file is asked for again from its beginning. The size is `Infinity` until the end where the server does not say it.
 */
export async function httpBytes(url: string, name: string, signal: AbortSignal | undefined): Promise<ByteSource> {
  const closing = new AbortController();
  const address = { url, name, signal, closing: closing.signal };
  const first = await request(address, 0);
  let base = first.begin;
  let stream = await streamBytes(bodyOf(first, address, first), name);
  let last = { begin: 0, end: 0 };
  let turn: Promise<unknown> = Promise.resolve();
  const moveTo = async (offset: number, length: number): Promise<StreamBytes> => {
    const isAhead = offset >= last.begin && (!first.hasRanges || offset - last.end <= NEAR_BYTES);
    if (!isAhead) {
      await stream.close();
      const answer = await request(address, first.hasRanges ? offset : 0);
      assertSame(answer, first, name);
      base = answer.begin;
      stream = await streamBytes(bodyOf(answer, address, first), name);
    }
    last = { begin: offset, end: offset + length };
    return stream;
  };
  return {
    name,
    hasRanges: first.hasRanges,
    get size() {
      return first.size ?? base + stream.size;
    },
    read: (offset, length) => {
      const next = turn.then(async () => (await moveTo(offset, length)).read(offset - base, length));
      turn = next.catch(() => undefined);
      return next;
    },
    close: async () => {
      // What is under way ends, so that nobody waits for a server that sends nothing.
      closing.abort();
      await stream.close();
    },
  };
}

interface Address {
  readonly url: string;
  readonly name: string;
  readonly signal: AbortSignal | undefined;
  readonly closing: AbortSignal;
}

async function request({ url, name, signal, closing }: Address, begin: number): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { Range: `bytes=${begin}-` },
      signal: AbortSignal.any(signal ? [signal, closing] : [closing]),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new MediaError(`openVideo: ${name} could not be fetched: ${(cause as Error).message}.`, { cause });
  }
  const answer = answerOf(response, begin);
  if (answer) return answer;
  await response.body?.cancel();
  if (response.status === 416 && EMPTY_RANGE.test(response.headers.get('content-range') ?? '')) {
    throw new MediaError(`openVideo: ${name} must hold a video or an image, but is empty (0 bytes).`);
  }
  throw new MediaError(`openVideo: ${name} could not be fetched: the server answered ${response.status}.`);
}

/** Returns the answer to a request for all bytes from `begin` on; undefined where it is none. */
function answerOf({ status, headers, body }: Response, begin: number): Answer | undefined {
  const [, from, size] = CONTENT_RANGE.exec(headers.get('content-range') ?? '') ?? [];
  const version = headers.get('etag') ?? headers.get('last-modified');
  if (status === 206 && body && Number(from) === begin) {
    if (size !== '*') return { begin, size: Number(size), hasRanges: true, version, body };
    // A part of a file of unknown size counts as the whole file, which it is where it begins at zero.
    return begin > 0 ? undefined : { begin, size: undefined, hasRanges: false, version, body };
  }
  if (status !== 200 || !body) return undefined;
  const length = headers.get('content-encoding') ? null : headers.get('content-length');
  return { begin: 0, size: length === null ? undefined : Number(length), hasRanges: false, version, body };
}

/** The bytes of an answer, and of further ones where the connection breaks and the server has ranges. */
async function* bodyOf(answer: Answer, address: Address, first: Answer): AsyncGenerator<Uint8Array, void, undefined> {
  const { name, signal, closing } = address;
  let position = answer.begin;
  let reader = answer.body.getReader();
  try {
    for (let attempt = 1; ;) {
      const next = await reader.read().catch((cause: unknown) => ({ cause }));
      if (!('cause' in next)) {
        if (next.done) {
          // Some servers send less than the range that was requested.
          if (!first.hasRanges || position >= first.size! || attempt === MAX_ATTEMPTS) return;
          attempt += 1;
          reader = (await requestRest(address, position, first)).getReader();
          continue;
        }
        attempt = 1;
        position += next.value.length;
        yield next.value;
        continue;
      }
      signal?.throwIfAborted();
      if (closing.aborted) return;
      if (!first.hasRanges || attempt === MAX_ATTEMPTS) {
        throw new MediaError(
          `openVideo: ${name} broke off after ${position}${first.size === undefined ? '' : ` of ${first.size}`} bytes.`,
          { cause: next.cause },
        );
      }
      attempt += 1;
      reader = (await requestRest(address, position, first)).getReader();
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function requestRest(address: Address, position: number, first: Answer): Promise<ReadableStream<Uint8Array>> {
  const rest = await request(address, position);
  assertSame(rest, first, address.name);
  return rest.body;
}

function assertSame({ size, version, hasRanges, body }: Answer, first: Answer, name: string): void {
  if (size === first.size && version === first.version && hasRanges === first.hasRanges) return;
  void body.cancel().catch(() => undefined);
  throw new MediaError(`openVideo: ${name} changed on its server while it was read.`);
}
