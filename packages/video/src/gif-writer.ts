import { ConfigError } from '@od-vae/core/base';
import * as gifencModule from 'gifenc';
import { addAlpha } from './add-alpha.ts';
import type { SequentialFormat } from './stream-sink.ts';

/** Node gives the CommonJS build as a default export, bundlers the ES build. */
const gifenc = 'quantize' in gifencModule ? gifencModule : (gifencModule as { default: typeof gifencModule }).default;

/** Largest side a GIF can say. */
const MAX_GIF_SIDE = 65_535;

/** Centiseconds below which players slow a GIF down. */
const SHORTEST_DELAY = 2;

/**
 * A GIF that repeats forever, a palette of 256 colours for each frame.
 *
 * Delays are hundredths of a second; each is rounded so that the whole keeps its length.
 */
export function gifFormat(options: {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}): SequentialFormat {
  const { width, height, fps } = options;
  if (Math.max(width, height) > MAX_GIF_SIDE || 100 / fps < SHORTEST_DELAY) {
    throw new ConfigError(
      `createVideoWriter: a GIF shows at most ${100 / SHORTEST_DELAY} frames a second, but fps is ${fps}.`,
    );
  }
  const encoder = gifenc.GIFEncoder({ auto: false });
  let count = 0;
  const flush = () => {
    const bytes = encoder.bytes();
    encoder.stream.reset();
    return bytes;
  };
  return {
    frame: (pixels) => {
      const rgba = addAlpha(pixels);
      const palette = gifenc.quantize(rgba, 256);
      const delay = Math.round(((count + 1) * 100) / fps) - Math.round((count * 100) / fps);
      if (count === 0) {
        encoder.writeHeader();
      }
      encoder.writeFrame(gifenc.applyPalette(rgba, palette), width, height, {
        palette,
        first: count === 0,
        delay: delay * 10,
        repeat: 0,
      });
      count += 1;
      return flush();
    },
    end: () => {
      encoder.finish();
      return flush();
    },
  };
}
