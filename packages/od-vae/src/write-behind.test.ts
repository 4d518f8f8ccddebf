import type { Frame } from '@od-vae/video';
import { describe, expect, it } from 'vitest';

import { movingFrame } from '../fixtures/narrow-model.ts';
import { writeBehind } from './write-behind.ts';

/** A writer whose frames are written when they are let through. */
function slowWriter() {
  const log: string[] = [];
  const gates: (() => void)[] = [];
  let failAt: number | undefined;
  return {
    log,
    failAt: (timestamp: number) => {
      failAt = timestamp;
    },
    letThrough: async () => {
      gates.shift()?.();
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    write: async ({ timestamp }: Frame) => {
      await new Promise<void>((resolve) => gates.push(resolve));
      if (timestamp === failAt) throw new Error(`frame ${timestamp} is bad`);
      log.push(`frame ${timestamp}`);
    },
    finish: async () => void log.push('finish'),
    abort: async () => void log.push('abort'),
  };
}

const frame = (timestamp: number): Frame => ({ ...movingFrame(0, 2, 2), timestamp });

describe('writeBehind', () => {
  it('takes so many frames at once, and waits with the next', async () => {
    const slow = slowWriter();
    const writer = writeBehind(slow, 2);
    await writer.write(frame(0));
    await writer.write(frame(1));
    let taken = false;
    const third = writer.write(frame(2)).then(() => {
      taken = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([taken, slow.log]).toEqual([false, []]);
    await slow.letThrough();
    await third;
    expect(slow.log).toEqual(['frame 0']);
    const finished = writer.finish();
    await slow.letThrough();
    await slow.letThrough();
    await finished;
    expect(slow.log).toEqual(['frame 0', 'frame 1', 'frame 2', 'finish']);
  });

  it('throws what went wrong with a frame when it is called next, and can be aborted then', async () => {
    const slow = slowWriter();
    slow.failAt(0);
    const writer = writeBehind(slow, 1);
    await writer.write(frame(0));
    await slow.letThrough();
    await expect(writer.write(frame(1))).rejects.toThrow('frame 0 is bad');
    await expect(writer.finish()).rejects.toThrow('frame 0 is bad');
    await writer.abort();
    expect(slow.log).toEqual(['abort']);
  });
});
