/** Counts the samples between a decoder and its reader, so that an error does not overtake the pictures before it. */
export class SampleLedger {
  #waiting = 0;
  #stopped = false;
  #wake: (() => void) | undefined;

  /** The decoder gave a sample. */
  gave(): void {
    this.#waiting += 1;
  }

  /** The reader took one. */
  took(): void {
    this.#waiting -= 1;
    if (this.#waiting <= 0) this.#wake?.();
  }

  /** The reader takes no more. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Fulfilled when the reader has taken all, or stopped. */
  async allTaken(): Promise<void> {
    if (this.#waiting <= 0 || this.#stopped) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}

const ledgers = new WeakMap<object, SampleLedger>();

/** A new ledger for a track that is read from its start, known by the configuration of its decoder. */
export function openLedger(decoderConfig: object): SampleLedger {
  const ledger = new SampleLedger();
  ledgers.set(decoderConfig, ledger);
  return ledger;
}

/** The ledger of a decoder's configuration, where its reader keeps one. */
export function ledgerOf(decoderConfig: object): SampleLedger | undefined {
  return ledgers.get(decoderConfig);
}
