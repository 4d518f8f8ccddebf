import type { VideoSample } from 'mediabunny';
import { parsePlanarLayout, type PlanarLayout } from '../planar-layout.ts';
import { type AvFrame, loadNodeAv } from './node-av.ts';
import { streamAspects } from './strict-decoder.ts';

/** Properties of a frame that FFmpeg decoded; those of the stream, and of the container only where the decoder has them. */
export interface FrameTags {
  /** Size after the cropping of the stream. */
  readonly width: number;
  readonly height: number;
  /** First four numbers of the stream's own display matrix; undefined where the stream has none. */
  readonly displayMatrix: readonly [number, number, number, number] | undefined;
  /** Matrix coefficients of ITU-T H.273. */
  readonly matrix: number;
  readonly isPq: boolean;
  /** Undefined where the stream has no tag. */
  readonly fullRange: boolean | undefined;
  /** Undefined for formats that are not planar. */
  readonly layout: PlanarLayout | undefined;
  /** Width of a pixel by its height; undefined where the stream has none. */
  readonly pixelAspect: number | undefined;
}

/** Loads the reader of the tags of @mediabunny/server's samples. */
export async function loadFrameTags(): Promise<(sample: VideoSample) => FrameTags | undefined> {
  const av = await loadNodeAv();
  return (sample) => {
    const { _data: resource } = sample as unknown as { readonly _data?: { readonly frame?: AvFrame } };
    const frame = resource?.frame;
    if (!frame) return undefined;
    const format = av.avGetPixFmtName(frame.format) ?? '';
    const full = frame.colorRange === av.AVCOL_RANGE_JPEG || format.startsWith('yuvj');
    const display = frame.getSideData(av.AV_FRAME_DATA_DISPLAYMATRIX);
    return {
      width: frame.width,
      height: frame.height,
      displayMatrix: display
        ? ([0, 4, 12, 16].map((at) => display.readInt32LE(at)) as unknown as FrameTags['displayMatrix'])
        : undefined,
      matrix: frame.colorSpace,
      isPq: frame.colorTrc === av.AVCOL_TRC_SMPTE2084,
      fullRange: full ? true : frame.colorRange === av.AVCOL_RANGE_MPEG ? false : undefined,
      layout: parsePlanarLayout(format),
      pixelAspect: streamAspects.get(frame),
    };
  };
}
