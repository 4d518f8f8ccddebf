import { assumedMatrix } from './colour-matrix.ts';
import { toRational } from './rational.ts';
import { rgbToYuv } from './rgb-to-yuv.ts';
import type { SequentialFormat } from './stream-sink.ts';

/**
 * YUV4MPEG2 with full chroma (C444), limited range; rounding to 8 bits is its only loss, at most 2 of 255 a channel.
 *
 * The format names no matrix, so it is the one readers assume: BT.709 from 720 rows up, BT.601 below.
 */
export function y4mFormat(options: {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}): SequentialFormat {
  const { width, height, fps } = options;
  const matrix = assumedMatrix(height);
  const header = `YUV4MPEG2 W${width} H${height} F${toRational(fps).join(':')} Ip A1:1 C444 XCOLORRANGE=LIMITED\n`;
  let start = header;
  return {
    frame: (pixels) => {
      const line = new TextEncoder().encode(`${start}FRAME\n`);
      start = '';
      const samples = rgbToYuv(pixels, matrix, 0);
      const data = new Uint8Array(line.length + samples.length);
      data.set(line);
      data.set(samples, line.length);
      return data;
    },
    end: () => undefined,
  };
}
