/** What a library says of a file, as the end of a sentence of ours: its first line without a full stop. */
export function plainReason(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const said = message
    .split('\n')[0]!
    .trim()
    .replace(/[.!]+$/, '');
  return said === '' ? 'its structure makes no sense' : said;
}
