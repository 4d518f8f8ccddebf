import type { GoldenFile } from '@od-vae/test-utils';

/** One comparison: how far the model is from the golden value, and how far it may be. */
export interface GoldenResult {
  readonly name: string;
  readonly error: number;
  readonly tolerance: number;
}

/** How far moments and pixels may be from PyTorch's, absolutely. */
export interface Tolerances {
  readonly moments: number;
  readonly pixels: number;
}

/** A golden file with what it may need beside it. */
interface GoldenContext {
  readonly file: GoldenFile;
  /** Another golden file of the same folder, by its name without extension. */
  readonly sibling: (name: string) => GoldenFile;
  readonly tolerances: Tolerances;
}

/** Compares everything that a golden file holds; cases, shapes, configs and seeds come from the file. */
export type GoldenCheck = (context: GoldenContext) => AsyncGenerator<GoldenResult>;

/** A JSON value from a golden file's metadata. */
export function metadataJson<T>(file: GoldenFile, key: string): T {
  const text = file.metadata[key];
  if (text === undefined) throw new Error(`the golden file's metadata has no "${key}"`);
  return JSON.parse(text) as T;
}

/** The start value of the file's generator. */
export function basisOf(file: GoldenFile): number {
  return Number(file.metadata['basis'] ?? 0x811c9dc5);
}
