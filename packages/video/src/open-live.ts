import { MediaError } from '@od-vae/core/base';
import { abortable } from './abortable.ts';
import { framesSource } from './frames-source.ts';
import { type LiveSource, isTrack } from './live-source.ts';
import type { PictureSource } from './picture.ts';
import { streamBytes } from './stream-bytes.ts';
import { openTrack } from './track-reader.ts';
import type { Frame, ReadOptions } from './types.ts';
import { openY4m } from './y4m-reader.ts';

const Y4M = 'YUV4MPEG2';

/**
 * Opens frames or bytes that come once: they are pulled as they are needed, and can be read one time.
 *
 * A y4m stream is read as it comes. Any other file is written to the system's temporary folder first (in a browser, to a
 * Blob), as containers may hold their index at the end.
 *
 * @param openFile opens what was written
 */
export async function openLive(
  source: LiveSource,
  { signal }: Pick<ReadOptions, 'signal'>,
  openFile: (source: string | Blob) => Promise<PictureSource>,
): Promise<PictureSource> {
  if (isTrack(source)) return openTrack(source, signal);
  const items = itemsOf(source);
  const first = await abortable(items.next(), signal);
  if (first.done) throw new MediaError('openVideo: a stream must give frames or bytes, but ended before the first.');
  const all = resumed(first.value, items, signal);
  if (!(first.value instanceof Uint8Array)) return framesSource(all as AsyncGenerator<Frame>);
  const bytes = await streamBytes(all as AsyncGenerator<Uint8Array>);
  const head = String.fromCharCode(...(await bytes.read(0, Y4M.length)));
  if (head === Y4M) return openY4m(bytes);
  const { spool } = await import('./spool.ts');
  const copy = await spool(bytes.rest());
  try {
    const opened = await openFile(copy.source);
    return { ...opened, close: () => opened.close().finally(copy.remove) };
  } catch (error) {
    await copy.remove();
    throw error;
  }
}

/** A stream's items; browsers may not iterate over streams, but have readers. */
function itemsOf(source: Exclude<LiveSource, MediaStreamTrack>): AsyncIterator<unknown> | Iterator<unknown> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  if (Symbol.iterator in source) return source[Symbol.iterator]();
  const reader = (source as ReadableStream<Uint8Array>).getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

async function* resumed(
  first: unknown,
  items: AsyncIterator<unknown> | Iterator<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, undefined> {
  let ended = false;
  try {
    yield first;
    for (;;) {
      const next = await abortable(items.next(), signal);
      ended = next.done ?? false;
      if (ended) return;
      yield next.value;
    }
  } finally {
    // A source that waits for an item would let us wait for its end as well.
    if (!ended) void Promise.resolve(items.return?.()).catch(() => undefined);
  }
}
