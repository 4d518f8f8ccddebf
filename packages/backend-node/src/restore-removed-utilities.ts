import { createRequire } from 'node:module';

/** Functions of `node:util` that `@tensorflow/tfjs-node` 4.22 calls and Node 23 removed. */
const REMOVED: Readonly<Record<string, (value: unknown) => boolean>> = {
  isArray: Array.isArray,
  isNullOrUndefined: (value) => value === null || value === undefined,
};

/** Puts back into `node:util` what `@tensorflow/tfjs-node` needs and newer Nodes no longer have. */
export function restoreRemovedUtilities(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  for (const [name, replacement] of Object.entries(REMOVED)) util[name] ??= replacement;
}
