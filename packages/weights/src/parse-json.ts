import { CheckpointError } from '@od-vae/core/base';

import type { ByteSource } from './byte-source.ts';

/** A plain JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object, not null and not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * JSON text in UTF-8 as a value.
 *
 * @param label what the text is, as the subject of an error's sentence
 * @throws CheckpointError when the bytes are no UTF-8 or no JSON
 */
export function parseJson(bytes: Uint8Array, label: string): { text: string; value: unknown } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, value: JSON.parse(text) as unknown };
  } catch (error) {
    throw new CheckpointError(`${label} is not valid JSON: ${reasonOf(error)}.`, { cause: error });
  }
}

/** What V8 says without the piece of the text that it quotes. */
function reasonOf(error: unknown): string {
  if (!(error instanceof SyntaxError)) return 'it is no UTF-8';
  return error.message.replace(/, (?:\.\.\.)?".*$/s, '').replace(/\.$/, '');
}

/**
 * The value of a whole JSON file.
 *
 * @throws CheckpointError when the file is longer than `limit` bytes or no JSON
 */
export async function readJson(source: ByteSource, limit: number): Promise<unknown> {
  if (source.size > limit) {
    throw new CheckpointError(`${source.label} has ${source.size} bytes, but at most ${limit} are read.`);
  }
  return parseJson(await source.read(0, source.size), source.label).value;
}
