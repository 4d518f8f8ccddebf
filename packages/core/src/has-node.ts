/** Whether Node's own modules are available: in Node, Bun and Deno. */
export function hasNode(): boolean {
  return typeof process !== 'undefined' && typeof process.versions?.node === 'string';
}
