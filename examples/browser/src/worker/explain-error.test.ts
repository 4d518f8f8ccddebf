import { CheckpointError, MediaError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { explainError } from './explain-error.ts';

describe('explainError', () => {
  it.each([
    [new MediaError('openVideo: a blob is empty.'), 'A blob is empty.'],
    [new TypeError('Failed to fetch'), 'Failed to fetch.'],
    [new Error('This browser has no WebGPU.'), 'This browser has no WebGPU.'],
    ['lost', 'lost.'],
    ['the device is lost', 'The device is lost.'],
    [new CheckpointError('osp-training.ckpt lacks "a".'), 'osp-training.ckpt lacks "a".'],
    [new CheckpointError('http://a.b/c cannot be reached: no.'), 'http://a.b/c cannot be reached: no.'],
    [new CheckpointError('https://a.b/c: the server gave 404.'), 'https://a.b/c: the server gave 404.'],
    [new CheckpointError('my weights.ckpt lacks "a".'), 'my weights.ckpt lacks "a".'],
    [new CheckpointError('weights_v2.bin: no tensors.'), 'weights_v2.bin: no tensors.'],
    [new CheckpointError('OdVae.fromPretrained: the source is empty.'), 'The source is empty.'],
    [new Error('simd did not start'), 'simd did not start.'],
  ])('makes a sentence of %s', (error, sentence) => {
    expect(explainError(error)).toBe(sentence);
  });
});
