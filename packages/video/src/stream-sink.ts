import type { FrameSink } from './frame-sink.ts';
import type { Pixels } from './picture.ts';
import type { WritableTarget } from './types.ts';

/** How a format turns frames into bytes that follow each other. */
export interface SequentialFormat {
  /** Bytes of one frame, with the file's header before the first. */
  frame(pixels: Pixels): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes after the last frame. */
  end(): Uint8Array<ArrayBuffer> | undefined;
}

/** Writes a format without an index to a stream, each piece after the one before. */
export function streamSink(target: WritableTarget, format: SequentialFormat): FrameSink {
  const writer = target.getWriter();
  let position = 0;
  const append = async (data: Uint8Array<ArrayBuffer>) => {
    await writer.ready;
    await writer.write({ type: 'write', data, position });
    position += data.length;
  };
  return {
    add: async (pixels) => append(await format.frame(pixels)),
    finish: async () => {
      const end = format.end();
      if (end) {
        await append(end);
      }
      await writer.close();
    },
    abort: () => writer.abort().catch(() => undefined),
  };
}
