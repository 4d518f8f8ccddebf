import { OdVaeError } from '@od-vae/core/base';

import type { Verdict } from './target.ts';

/** Longest sentence that a person reads to its end. */
const MAX_SENTENCE = 1000;

/**
 * The verdict on what was thrown: an error of ours in one sentence is a refusal.
 *
 * @throws what was thrown, where it is no clear error
 */
export function refusalOf(error: unknown): Verdict {
  if (!(error instanceof OdVaeError)) throw error;
  const { message } = error;
  const clear =
    message.length <= MAX_SENTENCE &&
    !/[\n\r]/.test(message) &&
    /[.!?)]$/.test(message) &&
    !/undefined|\bNaN\b|\[object/.test(message.replaceAll(/"[^"]*"/g, ''));
  if (!clear)
    throw new Error(`not one clear sentence: ${JSON.stringify(message.slice(0, 2 * MAX_SENTENCE))}`, { cause: error });
  return { kind: 'refused', sentence: message };
}
