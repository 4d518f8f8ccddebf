import { sharedFloats } from './shared-floats.ts';

/** Arrays begin at multiples of this. */
const ALIGNMENT = 64;

/** Arrays of fewer bytes, such as biases, live on their own: they stay long, and would cut the blocks into pieces. */
const LEAST_BYTES = 4096;

/** A stretch of a block, in bytes. */
interface Range {
  begin: number;
  end: number;
}

interface Block {
  readonly floats: Float32Array;
  /** What is free, by address; no two ranges touch. */
  readonly free: Range[];
}

/**
 * Memory for tensors, cut from few large blocks and used again as soon as a tensor is freed.
 *
 * An engine collects shared memory late, as it does not count it, and a worker that has seen an array holds on to it: arrays
 * of their own would pile up to a multiple of what is in use. A block is address space; only what was used of it is
 * memory, and the lowest place that fits is taken, so that this is little more than was ever in use at once.
 */
export class TensorMemory {
  readonly #blocks: Block[] = [];
  readonly #places = new WeakMap<Float32Array, { block: Block; range: Range }>();
  readonly #blockBytes: number;
  #used = 0;
  #most = 0;

  /** @param blockBytes size of a block, unless an array needs more */
  constructor(blockBytes: number = usualBlock()) {
    this.#blockBytes = blockBytes;
  }

  /** Bytes of arrays that were taken and not given back. */
  get used(): number {
    return this.#used;
  }

  /** The most bytes that were ever in use at once. */
  get most(): number {
    return this.#most;
  }

  /** An array of shared memory with any content. */
  take(count: number): Float32Array {
    const bytes = Math.ceil((count * 4) / ALIGNMENT) * ALIGNMENT;
    if (bytes < LEAST_BYTES) return sharedFloats(count);
    const { block, at } = this.#find(bytes) ?? { block: this.#addBlock(bytes), at: 0 };
    const free = block.free[at]!;
    const range = { begin: free.begin, end: free.begin + bytes };
    free.begin = range.end;
    if (free.begin === free.end) block.free.splice(at, 1);
    const array = block.floats.subarray(range.begin / 4, range.begin / 4 + count);
    this.#places.set(array, { block, range });
    this.#used += bytes;
    this.#most = Math.max(this.#most, this.#used);
    return array;
  }

  /** Whether an array was taken from here and not given back. */
  holds(array: Float32Array): boolean {
    return this.#places.has(array);
  }

  /** Takes back an array that nobody reads any more; one that is not from here is left alone. */
  give(array: Float32Array | undefined): void {
    const place = array && this.#places.get(array);
    if (!place) return;
    this.#places.delete(array);
    const { block, range } = place;
    this.#used -= range.end - range.begin;
    const { free } = block;
    const after = free.findIndex(({ begin }) => begin >= range.end);
    const at = after < 0 ? free.length : after;
    free.splice(at, 0, range);
    joinWithNext(free, at);
    if (at > 0) joinWithNext(free, at - 1);
  }

  #find(bytes: number): { block: Block; at: number } | undefined {
    for (const block of this.#blocks) {
      const at = block.free.findIndex(({ begin, end }) => end - begin >= bytes);
      if (at >= 0) return { block, at };
    }
    return undefined;
  }

  #addBlock(bytes: number): Block {
    const floats = allocate(Math.max(bytes, this.#blockBytes), bytes);
    const block = { floats, free: [{ begin: 0, end: floats.byteLength }] };
    this.#blocks.push(block);
    return block;
  }
}

/** Half as much until the engine gives it, but never less than is needed. */
function allocate(bytes: number, least: number): Float32Array {
  for (let size = bytes; size > least; size = Math.max(least, ALIGNMENT * Math.floor(size / (2 * ALIGNMENT)))) {
    try {
      return sharedFloats(size / 4);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return sharedFloats(least / 4);
}

function joinWithNext(free: Range[], at: number): void {
  const next = free[at + 1];
  if (!next || free[at]!.end !== next.begin) return;
  free[at]!.end = next.end;
  free.splice(at + 1, 1);
}

/** 2 GiB where untouched memory costs nothing (workers hear of no array in 4 GiB); 256 MiB in browsers, and on Windows, which keeps room for all of it. */
function usualBlock(): number {
  const isLazy = typeof process !== 'undefined' && process.versions?.node !== undefined && process.platform !== 'win32';
  return isLazy ? 2 ** 31 : 2 ** 28;
}
