import { CheckpointError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { explainError } from './explain-error.ts';
import { Interrupted } from './interrupted.ts';
import { UsageError } from './usage-error.ts';

const calm = new AbortController().signal;

describe('explainError', () => {
  it.each([
    [new CheckpointError('a has 1, but b needs 2.'), 'a has 1, but b needs 2.', 1],
    [new UsageError('x must be y'), 'x must be y.', 2],
    [new Error('first line\n  second line'), 'first line second line.', 1],
    [new Error('\u001b[2Jgone'), ' [2Jgone.', 1],
    [
      Object.assign(new Error('ENOSPC: …'), { code: 'ENOSPC', syscall: 'write' }),
      'write failed: no space is left on the disk.',
      1,
    ],
    [
      Object.assign(new Error('EACCES: …'), { code: 'EACCES', path: '/x' }),
      '"/x": this user may not do that there.',
      1,
    ],
    ['thrown text', 'thrown text.', 1],
    [undefined, 'undefined.', 1],
  ])('makes one sentence of %s', (error, sentence, exitCode) => {
    expect(explainError(error, calm)).toEqual({ sentence, exitCode });
  });

  it('blames the signal for whatever an interrupted command throws', () => {
    const explanation = explainError(new Error('broken pipe'), AbortSignal.abort(new Interrupted('SIGTERM')));
    expect(explanation).toEqual({ sentence: 'stopped by SIGTERM; nothing half-written was left.', exitCode: 130 });
  });
});
