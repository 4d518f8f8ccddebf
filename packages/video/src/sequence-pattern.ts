/** A numbered path such as `frames/name-%04d.png`, split at its number. */
export interface SequencePattern {
  readonly before: string;
  /** Least digits; shorter numbers are filled with zeros. */
  readonly digits: number;
  readonly after: string;
}

/** Reads `%d` or `%04d` in the file name of a path; undefined where it has none. Folders may contain percent signs. */
export function parseSequencePattern(path: string): SequencePattern | undefined {
  const match = /^(.*)%0?(1?\d)?d([^%/\\]*)$/s.exec(path);
  return match ? { before: match[1]!, digits: Number(match[2] || 1), after: match[3]! } : undefined;
}

/** The path of one number. */
export function sequencePath({ before, digits, after }: SequencePattern, number: number): string {
  return `${before}${String(number).padStart(digits, '0')}${after}`;
}
