import { OdVaeError } from '@od-vae/core';

/** An error as a sentence for whoever uses the page, not for whoever calls a function. */
export function explainError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // Errors of the project begin with the function that refused.
  const text = error instanceof OdVaeError ? message.replace(/^[a-z]\w*: /i, '') : message;
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}`.trim();
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
