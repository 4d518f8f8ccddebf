/** Bytes of dropped arrays after which they are worth a collection. */
const ENOUGH = 2 ** 26;

/**
 * Counts large arrays that nobody holds any more, and has them collected in time.
 *
 * An engine frees them when its own heap fills; kernels hardly fill it, so gigabytes would wait for a collection.
 */
export class Garbage {
  readonly #collect: () => void;
  #bytes = 0;

  /** @param collect has the engine free what is unreachable */
  constructor(collect: () => void) {
    this.#collect = collect;
  }

  /** Counts bytes that were dropped just now. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < ENOUGH) return;
    this.#bytes = 0;
    this.#collect();
  }
}
