/** One stored array: its shape and float32 values, row-major, in PyTorch's layout. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A file of golden values: arrays by name, and the metadata that says what they are. */
export interface GoldenFile {
  readonly tensors: ReadonlyMap<string, GoldenArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Reads a float32 safetensors file; Node only. */
export function readGolden(path: string | URL): GoldenFile {
  return parseGolden(process.getBuiltinModule('node:fs').readFileSync(path));
}

/** Parses a float32 safetensors file; deliberately not the reader that the project ships, so that it can judge that one. */
export function parseGolden(bytes: Uint8Array): GoldenFile {
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<string, unknown>;
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, GoldenArray>();
  for (const [name, entry] of Object.entries(entries as Record<string, Entry>)) {
    if (entry.dtype !== 'F32') throw new Error(`parseGolden: "${name}" is ${entry.dtype}, golden values are F32.`);
    const [begin, end] = entry.data_offsets.map((offset) => bytes.byteOffset + 8 + headerLength + offset);
    tensors.set(name, { shape: entry.shape, data: new Float32Array(bytes.buffer.slice(begin!, end)) });
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

/** Start value of the generator's hash, unless a file's metadata names another. */
export const GOLDEN_BASIS = 0x811c9dc5;

/** `count` numbers in [-1, 1) that depend on `key` alone: FNV-1a of the key, then a counter through murmur3's finalizer. */
export function goldenNoise(key: string, count: number, basis: number = GOLDEN_BASIS): Float64Array {
  let seed = basis | 0;
  for (const byte of new TextEncoder().encode(key)) seed = Math.imul(seed ^ byte, 0x01000193);
  const values = new Float64Array(count);
  let counter = seed;
  for (let i = 0; i < count; i++) {
    counter = (counter + 0x9e3779b9) | 0;
    let z = counter;
    z ^= z >>> 16;
    z = Math.imul(z, 0x85ebca6b);
    z ^= z >>> 13;
    z = Math.imul(z, 0xc2b2ae35);
    z ^= z >>> 16;
    values[i] = (2 * (z >>> 0)) / 4_294_967_296 - 1;
  }
  return values;
}

/** The input with this key: noise, rounded to float32. */
export function goldenInput(key: string, shape: readonly number[], basis?: number): Float32Array {
  return Float32Array.from(goldenNoise(key, product(shape), basis));
}

/** The weight with this key (`<prefix>.<checkpoint name>`), scaled by the rules that its name and rank call for. */
export function goldenWeight(key: string, shape: readonly number[], basis?: number): Float32Array {
  const noise = goldenNoise(key, product(shape), basis);
  const [offset, scale] = weightRange(key, shape);
  return Float32Array.from(noise, (value) => offset + scale * value);
}

function weightRange(key: string, shape: readonly number[]): [offset: number, scale: number] {
  if (key.endsWith('mix_factor')) return [2, 0.5];
  if (shape.length >= 2) return [0, Math.sqrt(3 / product(shape.slice(1)))];
  if (key.endsWith('running_mean')) return [0, 0.1];
  if (key.endsWith('running_var')) return [1, 0.5];
  return key.endsWith('weight') ? [1, 0.1] : [0, 0.1];
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, dimension) => total * dimension, 1);
}
