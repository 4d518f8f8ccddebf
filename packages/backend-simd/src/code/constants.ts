import type { Value } from '../wasm/function-code.ts';
import { loadAt } from '../wasm/vectors.ts';

/** A constant in all four lanes, read from memory. */
type Constants = (value: number) => Value<'v128'>;

/**
 * Numbers that kernels multiply by or add, and where they lie in scratch: V8 makes a constant in the code anew at each use,
 * of four instructions, and an operand in memory costs none.
 */
export interface ConstantTable {
  /** Byte addresses in scratch. */
  readonly begin: number;
  readonly end: number;
  /** What lies there: eight of each number, one vector of 256 bits. */
  readonly floats: Float32Array;
  /** Reads them; `side` is 1 for the second of two vectors that an engine may join. */
  readonly read: (side: number) => Constants;
}

/** A table of numbers that begins at a byte address. */
export function constantTable(begin: number, values: readonly number[]): ConstantTable {
  const floats = Float32Array.from(values.flatMap((value) => Array<number>(8).fill(value)));
  const read = (side: number) => (value: number) => {
    const index = values.indexOf(value);
    if (index < 0) throw new RangeError(`${value} is not in the table of constants.`);
    return loadAt(begin + index * 32 + side * 16);
  };
  return { begin, end: begin + floats.byteLength, floats, read };
}
