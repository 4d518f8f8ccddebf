import { ConfigError } from '@od-vae/core/base';
import type { VideoFormat, WritableCodec, WriterOptions } from './types.ts';

/** A container that holds coded video. */
export type ContainerFormat = Extract<VideoFormat, 'mp4' | 'webm' | 'mkv' | 'mov'>;

const CODECS: Readonly<Record<ContainerFormat, readonly WritableCodec[]>> = {
  mp4: ['avc', 'vp9', 'hevc', 'av1', 'vp8'],
  mov: ['avc', 'hevc'],
  mkv: ['avc', 'vp9', 'hevc', 'av1', 'vp8'],
  webm: ['vp9', 'av1', 'vp8'],
};

/** Codecs whose 4:2:0 pictures have even sides only. */
const EVEN_ONLY: ReadonlySet<WritableCodec> = new Set(['avc', 'hevc']);

/** The codec a file is written with: the first of its format that can hold the size, or the one asked for. */
export function chooseCodec(
  format: ContainerFormat,
  { width, height, codec, lossless = false }: Pick<WriterOptions, 'width' | 'height' | 'codec' | 'lossless'>,
): WritableCodec {
  const odd = width % 2 === 1 || height % 2 === 1;
  const chosen = codec ?? CODECS[format].find((one) => !odd || !EVEN_ONLY.has(one)) ?? CODECS[format][0]!;
  if (!CODECS[format].includes(chosen)) {
    throw new ConfigError(
      `createVideoWriter: ${format} is written with ${CODECS[format].join(', ')}, but codec is "${chosen}".`,
    );
  }
  if (odd && EVEN_ONLY.has(chosen)) {
    throw new ConfigError(
      `createVideoWriter: ${chosen} needs even sides, but the size is ${width}x${height}; vp9 in mp4, mkv or webm keeps it.`,
    );
  }
  if (lossless && chosen !== 'avc' && chosen !== 'vp9') {
    throw new ConfigError(`createVideoWriter: lossless needs avc or vp9, but the codec is ${chosen}.`);
  }
  return chosen;
}

/** Largest quantizer of a codec, and how its scale bends: VP9's grows coarse sooner than the others'. */
const QUANTIZERS: Readonly<Record<WritableCodec, { readonly largest: number; readonly bend: number }>> = {
  avc: { largest: 51, bend: 1 },
  hevc: { largest: 51, bend: 1 },
  vp8: { largest: 63, bend: 1 },
  vp9: { largest: 63, bend: 1.8 },
  av1: { largest: 63, bend: 1 },
};

/** The quantizer of a quality from 0 to 1; 0 is lossless in avc and vp9, so the best lossy one is 1. */
export function quantizerOf(codec: WritableCodec, quality: number, lossless: boolean): number {
  const { largest, bend } = QUANTIZERS[codec];
  return lossless ? 0 : Math.max(1, Math.round((1 - quality) ** bend * largest));
}
