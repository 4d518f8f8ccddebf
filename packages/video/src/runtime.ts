/** Whether Node's own modules are here (Node, Bun, Deno). */
export function hasNode(): boolean {
  return typeof process !== 'undefined' && typeof process.versions?.node === 'string';
}
