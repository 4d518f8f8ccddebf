import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MediaError } from '@od-vae/core/base';
import { parsePlanarLayout, type PlanarLayout } from '../planar-layout.ts';
import { listDecoders } from './ffmpeg-tools.ts';

/** A pixel format to request from ffmpeg, and how its bytes are laid out. */
export interface RawFormat extends PlanarLayout {
  readonly name: string;
  /** `planes` are those of `PlanarLayout`; `pairs` are gray and opacity in turn; `pixels` are RGB or RGBA. */
  readonly kind: 'planes' | 'pairs' | 'pixels';
  /** Decoder to request where ffmpeg's own drops the alpha channel. */
  readonly decoder: string | undefined;
}

/** A pixel format as ffprobe describes it. */
interface PixelFormat {
  readonly name: string;
  readonly nb_components: number;
  readonly log2_chroma_w?: number;
  readonly log2_chroma_h?: number;
  readonly flags: { readonly palette: number; readonly hwaccel: number; readonly rgb: number; readonly alpha: number };
  readonly components?: readonly { readonly bit_depth: number }[];
}

/** Decoders of codecs that store the alpha channel beside the stream, which ffmpeg's own drop. */
const ALPHA_DECODERS: Readonly<Record<string, string>> = { vp8: 'libvpx', vp9: 'libvpx-vp9' };

const CHROMA: Readonly<Record<string, string>> = {
  '1 1': '420',
  '1 0': '422',
  '0 0': '444',
  '0 1': '440',
  '2 0': '411',
  '2 2': '410',
};

let listing: Promise<ReadonlyMap<string, PixelFormat>> | undefined;

/** Chooses the format that a stream is read in: planar, with the stored depth and chroma, so that nothing is resampled. */
export async function rawFormat(
  stream: {
    readonly codec_name?: string;
    readonly pix_fmt?: string;
    readonly tags?: Readonly<Record<string, string>>;
  },
  name: string,
): Promise<RawFormat> {
  const decoder = await alphaDecoder(stream, name);
  const stored = decoder === undefined ? (stream.pix_fmt ?? 'yuv420p') : 'yuva420p';
  const formats = await (listing ??= listPixelFormats());
  const format = formats.get(stored);
  if (!format || format.flags.hwaccel === 1) {
    throw new MediaError(`openVideo: ${name} has the pixel format ${stored}, which this ffmpeg cannot convert.`);
  }
  return { ...requestedFormat(format, formats), decoder };
}

function requestedFormat(format: PixelFormat, formats: ReadonlyMap<string, PixelFormat>): Omit<RawFormat, 'decoder'> {
  const { flags, components } = format;
  const bits = components?.[0]?.bit_depth ?? 8;
  const alpha = flags.alpha === 1 || flags.palette === 1;
  const packed = { kind: 'pixels', bits: 8, chromaShift: [0, 0], grey: false, rgb: true } as const;
  if (flags.rgb === 1 || flags.palette === 1 || format.name.startsWith('xyz')) {
    return { ...packed, name: alpha ? 'rgba' : 'rgb24', alpha };
  }
  return format.nb_components <= 2 ? grayFormat(bits, alpha, formats) : colorFormat(format, bits, alpha, formats);
}

function colorFormat(
  { log2_chroma_w: across = 0, log2_chroma_h: down = 0 }: PixelFormat,
  bits: number,
  alpha: boolean,
  formats: ReadonlyMap<string, PixelFormat>,
): Omit<RawFormat, 'decoder'> {
  const base = `yuv${alpha ? 'a' : ''}${CHROMA[`${across} ${down}`] ?? '444'}p`;
  const candidates = [bits <= 8 ? base : `${base}${bits}le`, `${base}16le`, alpha ? 'yuva444p16le' : 'yuv444p16le'];
  const name = candidates.find((one) => formats.has(one))!;
  return { kind: 'planes', name, ...parsePlanarLayout(name)! };
}

function grayFormat(
  bits: number,
  alpha: boolean,
  formats: ReadonlyMap<string, PixelFormat>,
): Omit<RawFormat, 'decoder'> {
  const deep = bits > 8;
  if (alpha) {
    const layout = { bits: deep ? 16 : 8, chromaShift: [0, 0], grey: true, rgb: false, alpha } as const;
    return { kind: 'pairs', name: deep ? 'ya16le' : 'ya8', ...layout };
  }
  const exact = `gray${bits}le`;
  const name = !deep ? 'gray' : formats.has(exact) ? exact : 'gray16le';
  return { kind: 'planes', name, ...parsePlanarLayout(name)! };
}

/** The decoder of a WebM file with an alpha channel; undefined for other streams. */
async function alphaDecoder(
  { codec_name: codec = '', tags }: { readonly codec_name?: string; readonly tags?: Readonly<Record<string, string>> },
  name: string,
): Promise<string | undefined> {
  const marked = Object.entries(tags ?? {}).some(([key, value]) => key.toLowerCase() === 'alpha_mode' && value === '1');
  const decoder = marked ? ALPHA_DECODERS[codec] : undefined;
  if (decoder !== undefined && !(await listDecoders()).has(decoder)) {
    throw new MediaError(
      `openVideo: ${name} has an alpha channel, which this ffmpeg drops: it must have the decoder ${decoder}; install a full build, or @mediabunny/server.`,
    );
  }
  return decoder;
}

async function listPixelFormats(): Promise<ReadonlyMap<string, PixelFormat>> {
  const { stdout } = await promisify(execFile)('ffprobe', ['-v', 'error', '-show_pixel_formats', '-of', 'json'], {
    maxBuffer: 2 ** 24,
  });
  const { pixel_formats: formats } = JSON.parse(stdout) as { pixel_formats: readonly PixelFormat[] };
  return new Map(formats.map((format) => [format.name, format]));
}
