/** What can become of one input. */
export type CaseKind =
  | 'refused'
  | 'same'
  | 'follows'
  /** Wrong values, and no error. */
  | 'silent'
  /** An error that is none of ours, or no clear sentence; or the end of the process. */
  | 'crash'
  /** Longer than the watchdog waits. */
  | 'hang'
  /** More memory than a run may take. */
  | 'memory'
  /** A tensor, a file or an open handle that is still there afterwards. */
  | 'leak';

/** What became of one input. */
export interface CaseResult {
  readonly index: number;
  readonly kind: CaseKind;
  /** The sentence of a refusal, or what went wrong. */
  readonly message: string;
  /** The input in a few words. */
  readonly input: string;
  readonly milliseconds: number;
}

/** Kinds that are faults of ours. */
export const FAULTS: readonly CaseKind[] = ['silent', 'crash', 'hang', 'memory', 'leak'];

/** Whether a result is a fault of ours. */
export function isFault({ kind }: CaseResult): boolean {
  return FAULTS.includes(kind);
}
