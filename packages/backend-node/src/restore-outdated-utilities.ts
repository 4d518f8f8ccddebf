/** Functions of `node:util` that `@tensorflow/tfjs-node` 4.22 calls, and that newer Nodes warn of or have no more. */
const OUTDATED: Readonly<Record<string, (value: unknown) => boolean>> = {
  isArray: Array.isArray,
  isNullOrUndefined: (value) => value === null || value === undefined,
};

/** Puts into `node:util` what `@tensorflow/tfjs-node` needs of older Nodes; Node 23 removed the second of the two. */
export function restoreOutdatedUtilities(): void {
  Object.assign(process.getBuiltinModule('node:util'), OUTDATED);
}
