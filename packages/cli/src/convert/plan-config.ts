import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { UsageError } from '../usage-error.ts';
import type { ModelConfig } from './model-config.ts';
import type { Target } from './target.ts';

/** What becomes of the `config.json` beside converted weights. */
export interface ConfigPlan {
  /** The text to write; undefined where nothing is written. */
  readonly text: string | undefined;
  /** Whether the file will belong to the weights. */
  readonly belongs: boolean;
  readonly note: string | undefined;
}

/**
 * Decides about `config.json`: one that says the same stays untouched, one of another model is replaced in a folder that
 * the user named, and left alone beside a file.
 *
 * @throws UsageError when the one to replace is the source's own
 */
export async function planConfig(input: string, target: Target, { official, note }: ModelConfig): Promise<ConfigPlan> {
  const text = official === undefined ? undefined : `${JSON.stringify(official, undefined, 2)}\n`;
  const existing = await readFile(target.config, 'utf8').catch(() => undefined);
  if (existing === undefined) return { text, belongs: text !== undefined, note };
  if (text !== undefined && saysTheSame(existing, text)) return { text: undefined, belongs: true, note };
  if (text === undefined || !target.isFolder) {
    const left = `"${target.config}" was there before and was left as it is; it may be of another model.`;
    return { text: undefined, belongs: false, note: left };
  }
  if (await isBeside(input, target.config)) {
    throw new UsageError(`"${target.config}" belongs to the input and would be replaced; name another folder.`);
  }
  return { text, belongs: true, note };
}

function saysTheSame(existing: string, text: string): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(existing), JSON.parse(text));
  } catch {
    return false;
  }
}

/** Whether a file lies in the folder `input`, or in the folder of the file `input`. */
async function isBeside(input: string, file: string): Promise<boolean> {
  const source = await realpath(input).catch(() => undefined);
  const folder = dirname(await realpath(file));
  return source !== undefined && (source === folder || dirname(source) === folder);
}
