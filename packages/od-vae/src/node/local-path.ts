import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns the path of a local file from a path or a `file:` URL; undefined for everything else. */
export function localPath(source: unknown): string | undefined {
  if (typeof source !== 'string' && !(source instanceof URL)) return undefined;
  const text = String(source);
  if (/^file:/i.test(text)) return fileURLToPath(text);
  return /^[a-z][a-z\d+.-]+:/i.test(text) ? undefined : text;
}

/** Returns the expression that matches the file names of a pattern such as `frames/%04d.png`; undefined for other paths. */
export function patternOf(path: string): RegExp | undefined {
  const [, before, after] = /^(.*)%0?\d{0,2}d([^%]*)$/s.exec(basename(path)) ?? [];
  if (before === undefined || after === undefined) return undefined;
  return new RegExp(`^${escaped(before)}\\d+${escaped(after)}$`, 'is');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
