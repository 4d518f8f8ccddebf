/** Whether memory can be shared among threads: always in Node, in a browser where the page is isolated. */
export const CAN_SHARE =
  typeof SharedArrayBuffer !== 'undefined' && (!('crossOriginIsolated' in globalThis) || crossOriginIsolated);

/** Zeros in memory that all threads see; in a page that may not share memory, in its own. */
export function sharedFloats(count: number): Float32Array {
  return CAN_SHARE ? new Float32Array(new SharedArrayBuffer(count * 4)) : new Float32Array(count);
}

/** The same as float64, for sums over many numbers. */
export function sharedDoubles(count: number): Float64Array {
  return new Float64Array(sharedFloats(count * 2).buffer);
}
