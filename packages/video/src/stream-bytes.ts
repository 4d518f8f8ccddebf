import { MediaError } from '@od-vae/core/base';
import type { ByteSource } from './byte-source.ts';

/** Bytes of a stream, which are forgotten once something behind them is read. */
export interface StreamBytes extends ByteSource {
  /** All that was not forgotten yet, then what comes. */
  rest(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** A stream as a source that is read from its beginning to its end; its size is `Infinity` until the end has come. */
export async function streamBytes(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  name = 'a stream',
): Promise<StreamBytes> {
  const held = new HeldBytes();
  let isOver = false;
  const more = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done) {
      isOver = true;
      return false;
    }
    held.append(next.value);
    return true;
  };
  return {
    name,
    get size() {
      return isOver ? held.end : Infinity;
    },
    read: async (offset, length) => {
      if (offset < held.begin)
        throw new MediaError(`openVideo: ${name} can be read once, from its beginning to its end.`);
      held.forget(offset);
      // One byte more tells whether that was the end.
      while (held.end <= offset + length && (await more())) held.forget(offset);
      return held.first(length);
    },
    async *rest() {
      yield held.first(Infinity);
      held.forget(held.end);
      yield* chunks;
    },
    close: async () => {
      await chunks.return();
    },
  };
}

/** A part of a stream that is still known. */
class HeldBytes {
  /** Of the stream, in bytes. */
  begin = 0;
  end = 0;
  #pieces: Uint8Array[] = [];

  append(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.end += piece.length;
  }

  /** Lets go what lies before a position. */
  forget(position: number): void {
    while (this.#pieces[0] && this.begin < position) {
      const [first] = this.#pieces;
      const count = Math.min(first.length, position - this.begin);
      if (count === first.length) this.#pieces.shift();
      else this.#pieces[0] = first.subarray(count);
      this.begin += count;
    }
  }

  /** At most so many bytes, from the beginning. */
  first(length: number): Uint8Array {
    if (this.#pieces.length !== 1) {
      const joined = new Uint8Array(this.end - this.begin);
      let filled = 0;
      for (const piece of this.#pieces) {
        joined.set(piece, filled);
        filled += piece.length;
      }
      this.#pieces = [joined];
    }
    return this.#pieces[0]!.subarray(0, length);
  }
}
