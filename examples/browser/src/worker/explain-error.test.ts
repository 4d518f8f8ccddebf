import { MediaError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { explainError } from './explain-error.ts';

describe('explainError', () => {
  it.each([
    [new MediaError('openVideo: a blob is empty.'), 'A blob is empty.'],
    [new TypeError('Failed to fetch'), 'Failed to fetch.'],
    [new Error('This browser has no WebGPU.'), 'This browser has no WebGPU.'],
    ['lost', 'Lost.'],
  ])('makes a sentence of %s', (error, sentence) => {
    expect(explainError(error)).toBe(sentence);
  });
});
