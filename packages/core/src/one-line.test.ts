import { describe, expect, it } from 'vitest';

import { CheckpointError } from './errors.ts';
import { oneLine } from './one-line.ts';

describe('oneLine', () => {
  it('keeps a sentence as it is', () => {
    expect(oneLine('"a" is [2,3], but the model needs [3,2] – größer.')).toBe(
      '"a" is [2,3], but the model needs [3,2] – größer.',
    );
  });

  it('turns line breaks, and orders to a terminal, into spaces', () => {
    expect(oneLine('a\r\n\tb\u001b[31mc\u0000\u202ed')).toBe('a b [31mc d');
  });

  it('leaves out the middle of what is too long to be read', () => {
    const line = oneLine(`begin ${'x'.repeat(5000)} end.`);
    expect(line).toHaveLength(799);
    expect(line).toMatch(/^begin x+ … x+ end\.$/);
  });

  it('is what every error says', () => {
    expect(new CheckpointError('"a\nb" is missing.').message).toBe('"a b" is missing.');
  });
});
