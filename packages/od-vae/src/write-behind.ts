import type { Frame, VideoWriter } from '@od-vae/video';

/** What of a writer is needed to fill it. */
export type FrameWriter = Pick<VideoWriter, 'write' | 'finish' | 'abort'>;

/**
 * A writer that takes up to `count` frames more than it has written, so that writing and computing overlap.
 *
 * What goes wrong with a frame is thrown by the next call.
 */
export function writeBehind(writer: FrameWriter, count: number): FrameWriter {
  const waiting: Promise<void>[] = [];
  let last: Promise<void> = Promise.resolve();
  return {
    write: async (frame: Frame) => {
      last = last.then(() => writer.write(frame));
      last.catch(() => undefined);
      waiting.push(last);
      if (waiting.length > count) await waiting.shift();
    },
    finish: async () => {
      await last;
      await writer.finish();
    },
    abort: async () => {
      await last.catch(() => undefined);
      await writer.abort();
    },
  };
}
