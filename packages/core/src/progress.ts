/** How far a long call has come; `done` and `total` count the same unit, `total` is undefined while nobody knows it. */
export interface Progress {
  /** What is going on, in lower case: `load`, `encode`, `decode`, `write`. */
  readonly phase: string;
  readonly done: number;
  readonly total: number | undefined;
}

/** Options of every call that may take long. */
export interface LongCallOptions {
  /** Called with growing `done`; what it throws ends the call. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the call with the signal's reason, leaving nothing half-written. */
  signal?: AbortSignal | undefined;
}
