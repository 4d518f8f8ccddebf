/** What a command writes text to. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** The outside world of a command, so that tests can stand in for it. */
export interface Streams {
  /** Results: a table, or one JSON object. */
  readonly stdout: OutputStream;
  /** Progress, notes and the one sentence of an error. */
  readonly stderr: NodeJS.WritableStream & OutputStream;
  /** `OD_VAE_DEBUG` adds stacks to errors; `NO_COLOR` and `FORCE_COLOR` are heard. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the command; with an `Interrupted` as its reason the exit code is 130. */
  readonly signal: AbortSignal;
}
