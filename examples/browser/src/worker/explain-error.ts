import { OdVaeError } from '@od-vae/core';

/** Names that keep their case at the start of a sentence. */
const NAMES = new Set(['simd', 'webgpu', 'cpu', 'wasm', 'ffmpeg', 'mediabunny', 'sharp']);

/** Words that start a sentence and are no name of a file. */
const STARTS = /^(?:an?|the|this|these|no|none|its?|there|all|each|every|both|only) /;

/** Returns an error as a sentence for a user of the page, who does not call functions. */
export function explainError(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  // Errors of the project begin with the function that refused.
  const text = error instanceof OdVaeError ? message.replace(/^(?:[A-Z]\w*\.)?[A-Za-z]\w*: /, '') : message;
  // File names, addresses and identifiers keep their case.
  const [, word = ''] = /^([a-z]+)[ ,]/.exec(text) ?? [];
  const isWord = word !== '' && !NAMES.has(word) && (text !== message || STARTS.test(text));
  const sentence = isWord ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
