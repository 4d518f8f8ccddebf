import { collectGarbage } from './engine-flags.ts';

/** Bytes of dropped arrays after which they are worth a collection. */
const ENOUGH = 2 ** 26;

/**
 * Counts large arrays that nobody holds any more, and has them collected in time.
 *
 * An engine frees them when its own heap fills; kernels hardly fill it, so gigabytes would wait for a collection.
 */
export class Garbage {
  #bytes = 0;

  /** Counts bytes that were dropped just now. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < ENOUGH) return;
    this.#bytes = 0;
    collectGarbage();
  }
}
