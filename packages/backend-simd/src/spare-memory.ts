import type { Garbage } from './garbage.ts';
import { sharedFloats } from './shared-floats.ts';

/** Bytes that may wait even if no tensor was ever larger. */
const LEAST = 2 ** 28;
/** How many times larger than wanted a waiting buffer may be. */
const LOOSENESS = 4;
/** Milliseconds after which memory that nobody asked for is given back. */
const IDLE = 2000;

/**
 * Memory of freed tensors, for new ones of about the same size: a page that is touched for the first time costs the operating
 * system more than our kernels need to fill it.
 *
 * All memory together, in use and waiting, is at most what was once in use, or 256 MiB; after two idle seconds what waits is
 * given back.
 */
export class SpareMemory {
  /** Buffers that wait, the smallest first. */
  readonly #buffers: ArrayBufferLike[] = [];
  #bytes = 0;
  #inUse = 0;
  #most = 0;
  readonly #garbage: Garbage;
  #latest = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param garbage counts what is dropped */
  constructor(garbage: Garbage) {
    this.#garbage = garbage;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** An array of shared memory with any content. */
  take(count: number): Float32Array {
    const wanted = count * 4;
    const place = this.#buffers.findIndex(({ byteLength }) => byteLength >= wanted);
    const found = this.#buffers[place];
    const fits = found && found.byteLength <= wanted * LOOSENESS;
    this.#inUse += fits ? found.byteLength : wanted;
    this.#most = Math.max(this.#most, this.#inUse);
    if (!fits) {
      this.#trim();
      return sharedFloats(count);
    }
    this.#buffers.splice(place, 1);
    this.#bytes -= found.byteLength;
    return new Float32Array(found, 0, count);
  }

  /** Keeps the memory of an array from {@link take} that nobody reads any more. */
  keep({ buffer }: Float32Array): void {
    this.forget(buffer);
    const after = this.#buffers.findIndex(({ byteLength }) => byteLength > buffer.byteLength);
    this.#buffers.splice(after < 0 ? this.#buffers.length : after, 0, buffer);
    this.#bytes += buffer.byteLength;
    this.#trim();
    this.#latest = performance.now();
    if (!this.#timer) this.#awaitIdleness(IDLE);
  }

  #trim(): void {
    let dropped = 0;
    while (this.#bytes > 0 && this.#inUse + this.#bytes > Math.max(LEAST, this.#most)) {
      const { byteLength } = this.#buffers.shift()!;
      this.#bytes -= byteLength;
      dropped += byteLength;
    }
    this.#garbage.add(dropped);
  }

  /** Looks after some time whether memory was kept meanwhile: timers fire late where kernels block the thread. */
  #awaitIdleness(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      const rest = IDLE - (performance.now() - this.#latest);
      if (rest > 0) this.#awaitIdleness(rest);
      else this.release();
    }, milliseconds);
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Counts an array from {@link take} as no longer in use, without keeping its memory: somebody may still read it. */
  forget({ byteLength }: ArrayBufferLike): void {
    this.#inUse -= byteLength;
  }

  /** Gives all memory that waits back. */
  release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#garbage.add(this.#bytes);
    this.#buffers.length = 0;
    this.#bytes = 0;
    this.#most = this.#inUse;
  }
}
