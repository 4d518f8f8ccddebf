import { MediaError } from '@od-vae/core/base';
import type { FrameSink, SinkOptions } from './frame-sink.ts';
import { loadImageCodec } from './image-codec.ts';
import { streamSink } from './stream-sink.ts';
import type { WritableTarget } from './types.ts';

/** Least JPEG quality of a video's quality, so that 0.75 gives 95. */
const JPEG_QUALITY_FLOOR = 0.8;

/** The quality given to the image codec: JPEG's useful part of the scale. */
export function jpegQuality(quality: number): number {
  return JPEG_QUALITY_FLOOR + (1 - JPEG_QUALITY_FLOOR) * quality;
}

/** Writes one image; a second frame is refused. */
export async function imageSink(
  target: WritableTarget,
  format: 'png' | 'jpg',
  { quality }: SinkOptions,
): Promise<FrameSink> {
  const codec = await loadImageCodec();
  let count = 0;
  return streamSink(target, {
    frame: (pixels) => {
      count += 1;
      if (count > 1) {
        throw new MediaError(
          `createVideoWriter: a ${format} file holds one frame, but a second came; name a folder or a pattern such as frame-%04d.${format}.`,
        );
      }
      return codec.encode(pixels, format, jpegQuality(quality));
    },
    end: () => undefined,
  });
}
