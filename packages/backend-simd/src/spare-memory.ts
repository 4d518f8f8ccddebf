import { sharedFloats } from './shared-floats.ts';

/** Bytes that are kept at most. */
const LIMIT = 2 ** 28;

/**
 * Memory of freed tensors, for new ones of the same size: a fresh page costs the operating system more than our kernels
 * need to fill it.
 */
export class SpareMemory {
  readonly #arrays: Float32Array[] = [];
  #bytes = 0;

  /** Bytes kept, at most 256 MiB. */
  get bytes(): number {
    return this.#bytes;
  }

  /** An array of shared memory with any content. */
  take(count: number): Float32Array {
    const place = this.#arrays.findLastIndex(({ length }) => length === count);
    if (place < 0) return sharedFloats(count);
    const [found] = this.#arrays.splice(place, 1);
    this.#bytes -= found!.byteLength;
    return found!;
  }

  /** Keeps an array that nobody reads any more, and lets the oldest go where there are too many. */
  keep(array: Float32Array): void {
    if (array.byteLength > LIMIT) return;
    this.#arrays.push(array);
    this.#bytes += array.byteLength;
    while (this.#bytes > LIMIT) this.#bytes -= this.#arrays.shift()!.byteLength;
  }
}
