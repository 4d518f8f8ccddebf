/**
 * One rule of a key map: a dotted path of the one family, and the same path of the other. `#` stands for a number that
 * both share, `~` for a level that they count from opposite ends. What follows the path is kept.
 */
export type KeyRule = readonly [left: string, right: string];

/** Turns names of one family into the other's, or gives undefined for a name that no rule knows. */
export type Rename = (name: string, levels: number) => string | undefined;

/** Names of two families, read in both directions. */
export interface KeyMap {
  readonly toRight: Rename;
  readonly toLeft: Rename;
}

interface Compiled {
  readonly pattern: RegExp;
  /** Parts of the other path, with a place for one number between each two. */
  readonly parts: readonly string[];
  readonly reversed: readonly boolean[];
}

/** A key map from its rules; the first rule that fits a name is used. */
export function defineKeyMap(rules: readonly KeyRule[]): KeyMap {
  return {
    toRight: renamer(rules.map(([left, right]) => compile(left, right))),
    toLeft: renamer(rules.map(([left, right]) => compile(right, left))),
  };
}

function compile(from: string, to: string): Compiled {
  const source = from.replaceAll('.', String.raw`\.`).replaceAll(/[#~]/g, String.raw`(\d{1,3})`);
  const marks = from.match(/[#~]/g) ?? [];
  return {
    pattern: new RegExp(`^${source}(?=\\.|$)`),
    parts: to.split(/[#~]/),
    reversed: marks.map((mark) => mark === '~'),
  };
}

function renamer(rules: readonly Compiled[]): Rename {
  return (name, levels) => {
    for (const { pattern, parts, reversed } of rules) {
      const match = pattern.exec(name);
      if (match) {
        const numbers = match
          .slice(1)
          .map((digits, index) => (reversed[index] ? levels - 1 - Number(digits) : Number(digits)));
        return parts.map((part, index) => part + (numbers[index] ?? '')).join('') + name.slice(match[0].length);
      }
    }
    return undefined;
  };
}
