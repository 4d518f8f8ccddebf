import type * as fc from 'fast-check';

/** What came of an input that nothing is wrong with: it was refused in a sentence, or gave what its bytes say. */
export type Verdict =
  | { readonly kind: 'refused'; readonly sentence: string }
  /** The values are those of the file before it was changed. */
  | { readonly kind: 'same' }
  /** Other values, and an independent reader finds the same ones in the bytes. */
  | { readonly kind: 'follows' };

/** Something that reads what it cannot trust, together with what it may make of it. */
export interface Target<Input = unknown> {
  readonly name: string;
  /** Its share of the inputs of a run. */
  readonly weight: number;
  /** Makes inputs; the same seed makes the same ones. */
  inputs(): Promise<fc.Arbitrary<Input>>;
  /** An input in a few words, for the report. */
  describe(input: Input): string;
  /**
   * Reads one input.
   *
   * @throws SilentError when wrong values came without an error; any other error counts as a crash
   */
  run(input: Input): Promise<Verdict>;
  /** Whether the report counts each sentence of refusal; for inputs that are not damaged. */
  readonly listsRefusals?: boolean;
  /** Frees what the target holds between inputs. */
  close?(): Promise<void>;
}

/** Wrong values came, and no error told of it. */
export class SilentError extends Error {
  override readonly name = 'SilentError';
}
