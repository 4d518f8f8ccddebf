/** The first names of a list and how many more there are, quoted, for a sentence. */
export function listNames(names: readonly string[], shown = 3): string {
  const quoted = names.slice(0, shown).map((name) => `"${name}"`);
  const rest = names.length - quoted.length;
  return rest > 0 ? `${quoted.join(', ')} and ${rest} more` : quoted.join(', ');
}

/**
 * Describes what dotted names begin with and how many there are of each, the most frequent first, for a sentence:
 * `"student.encoder" (124), "student.decoder" (120)`.
 */
export function listPrefixes(names: readonly string[], shown = 4): string {
  const paths = names.map((name) => name.split('.'));
  const [first = []] = paths;
  let depth = 0;
  while (depth < first.length - 2 && paths.every((path) => path.length > depth && path[depth] === first[depth]))
    depth += 1;
  const counts = new Map<string, number>();
  for (const path of paths) {
    const prefix = path.slice(0, depth + 1).join('.');
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  const parts = sorted.slice(0, shown).map(([prefix, count]) => `${JSON.stringify(prefix)} (${count})`);
  const rest = sorted.length - parts.length;
  return rest > 0 ? `${parts.join(', ')} and ${rest} more` : parts.join(', ');
}
