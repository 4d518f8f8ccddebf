import { Writable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import type { Streams } from '../streams.ts';
import { progressBar, timeLeft } from './progress-bar.ts';

/** A terminal that keeps what is written to it. */
function terminal(isTTY: boolean): { streams: Streams; text: () => string } {
  let text = '';
  const stderr = new Writable({
    write: (chunk, _, done) => {
      text += chunk;
      done();
    },
  });
  const streams = {
    stdout: stderr,
    stderr: Object.assign(stderr, { isTTY }),
    env: {},
    signal: new AbortController().signal,
  };
  return { streams, text: () => text };
}

describe('progressBar', () => {
  it('adds up the phases that take turns', () => {
    const { streams, text } = terminal(false);
    using bar = progressBar(streams, { progress: true }, ['encode', 'decode']);
    bar.onProgress({ phase: 'encode', done: 10, total: 10 });
    bar.onProgress({ phase: 'decode', done: 5, total: 10 });
    bar[Symbol.dispose]();
    expect(text()).toContain('decode [=====================         ] 70% | 7/10 | ');
  });

  it.each([
    ['without a terminal', false, {}],
    ['with --quiet', true, { quiet: true, progress: true }],
  ] as const)('says nothing %s', (_, isTTY, flags) => {
    const { streams, text } = terminal(isTTY);
    using bar = progressBar(streams, flags, ['encode']);
    bar.onProgress({ phase: 'encode', done: 1, total: 2 });
    bar[Symbol.dispose]();
    expect(text()).toBe('');
  });

  it('waits until the total is known', () => {
    const { streams, text } = terminal(false);
    using bar = progressBar(streams, { progress: true }, ['encode']);
    bar.onProgress({ phase: 'encode', done: 1, total: undefined });
    expect(text()).toBe('');
  });
});

describe('timeLeft', () => {
  it.each([
    [0, 10, 5000, 'measuring the pace'],
    [5, 10, 65_000, '1:05 left'],
    [1, 100, 60_000, '1:39:00 left'],
    [10, 10, 5000, '0:00 left'],
  ])('takes %d of %d in %d ms as %s', (done, total, elapsed, expected) => {
    expect(timeLeft(done, total, elapsed)).toBe(expected);
  });
});
