import { MediaError } from '@od-vae/core/base';
import type { ByteSource } from './byte-source.ts';

/** Bytes of a stream, which are forgotten once something behind them is read. */
export interface StreamBytes extends ByteSource {
  /** All that was not forgotten yet, then what comes. */
  rest(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** A stream as a source that is read from its beginning to its end; its size is `Infinity` until the end has come. */
export async function streamBytes(chunks: AsyncGenerator<Uint8Array, void, undefined>): Promise<StreamBytes> {
  let held: Uint8Array = new Uint8Array(0);
  let begin = 0;
  let isOver = false;
  const more = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done) {
      isOver = true;
      return false;
    }
    const joined = new Uint8Array(held.length + next.value.length);
    joined.set(held);
    joined.set(next.value, held.length);
    held = joined;
    return true;
  };
  return {
    name: 'a stream',
    get size() {
      return isOver ? begin + held.length : Infinity;
    },
    read: async (offset, length) => {
      if (offset < begin) throw new MediaError('openVideo: a stream can be read once, from its beginning to its end.');
      // One byte more tells whether that was the end.
      while (begin + held.length <= offset + length && (await more()));
      held = held.subarray(Math.min(held.length, offset - begin));
      begin = offset;
      return held.subarray(0, length);
    },
    async *rest() {
      yield held;
      held = new Uint8Array(0);
      yield* chunks;
    },
    close: async () => {
      await chunks.return();
    },
  };
}
