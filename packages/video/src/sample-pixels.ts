import type { VideoSample } from 'mediabunny';
import type { Pixels } from './picture.ts';
import type { PlanarLayout } from './planar-layout.ts';
import type { PlanarPicture, Plane } from './planar-picture.ts';
import { rgbaToRgb } from './rgba-to-rgb.ts';
import type { Colour } from './types.ts';
import { yuvToRgb } from './yuv-to-rgb.ts';

/** Where the planes of a copied sample lie, in bytes. */
interface CopiedPlane {
  readonly data: Uint8Array;
  readonly stride: number;
}

const CHROMA_SHIFTS = { '420': [1, 1], '422': [1, 0], '444': [0, 0] } as const;

/**
 * The RGB pixels of a decoded sample, upright or not as it is stored.
 *
 * Planes are taken as they are and converted here: mediabunny's own RGB copies ignore the colour tag.
 *
 * @param layout layout of the decoder's own planes, for formats that mediabunny has no name for
 */
export async function samplePixels(sample: VideoSample, colour: Colour, layout?: PlanarLayout): Promise<Pixels> {
  const size = { width: sample.codedWidth, height: sample.codedHeight };
  const yuv = /^I(420|422|444)(A?)(?:P(10|12))?$/.exec(sample.format ?? '');
  if (yuv) {
    const bits = Number(yuv[3] ?? 8);
    const chromaShift = CHROMA_SHIFTS[yuv[1] as keyof typeof CHROMA_SHIFTS];
    const planes = (await copyPlanes(sample, chromaShift[0] === 1)).map((plane) => asSamples(plane, bits));
    const [luma, u, v, alpha] = planes as [Plane, Plane, Plane, Plane?];
    return yuvToRgb({ ...size, bits, chromaShift, luma, chroma: [u, v], alpha }, colour);
  }
  if (sample.format === 'NV12') {
    const [luma, chroma] = (await copyPlanes(sample, true)) as [CopiedPlane, CopiedPlane];
    return yuvToRgb(splitChroma(size, luma, chroma), colour);
  }
  const planes = sample.format === null && layout ? await decoderPlanes(sample) : undefined;
  return planes && layout ? yuvToRgb(planarPicture(size, planes, layout), colour) : copyRgb(sample);
}

async function copyPlanes(sample: VideoSample, halvesWidth: boolean): Promise<readonly CopiedPlane[]> {
  if (halvesWidth && sample.codedWidth % 2 === 1) {
    const planes = await decoderPlanes(sample);
    if (planes) {
      return planes;
    }
  }
  const data = new Uint8Array(sample.allocationSize());
  const layout = await sample.copyTo(data);
  return layout.map(({ offset, stride }) => ({ data: data.subarray(offset), stride }));
}

/** mediabunny 1.61 rounds an odd picture's chroma width down when it copies, which would lose the last column. */
async function decoderPlanes(sample: VideoSample): Promise<readonly CopiedPlane[] | undefined> {
  const { _data: resource } = sample as unknown as {
    _data?: { getDataPlanes?: () => CopiedPlane[] | Promise<CopiedPlane[]> };
  };
  return typeof resource?.getDataPlanes === 'function' ? resource.getDataPlanes() : undefined;
}

function planarPicture(
  size: { readonly width: number; readonly height: number },
  copied: readonly CopiedPlane[],
  layout: PlanarLayout,
): PlanarPicture {
  const planes = copied.map((plane) => asSamples(plane, layout.bits));
  const [luma, u, v] = planes as [Plane, Plane, Plane];
  return {
    ...size,
    ...layout,
    luma,
    chroma: layout.grey ? undefined : [u, v],
    alpha: layout.alpha ? planes[3] : undefined,
  };
}

function asSamples({ data, stride }: CopiedPlane, bits: number): Plane {
  if (bits === 8) {
    return { samples: data, stride };
  }
  const aligned = data.byteOffset % 2 === 0 ? data : data.slice();
  return {
    samples: new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1),
    stride: stride >> 1,
  };
}

function splitChroma(
  size: { readonly width: number; readonly height: number },
  { data: luma, stride }: CopiedPlane,
  pairs: CopiedPlane,
): PlanarPicture {
  const plane = (first: 0 | 1): Plane => {
    const samples = new Uint8Array(pairs.data.length >> 1);
    for (let index = 0; index < samples.length; index += 1) {
      samples[index] = pairs.data[2 * index + first]!;
    }
    return { samples, stride: pairs.stride >> 1 };
  };
  return { ...size, bits: 8, chromaShift: [1, 1], luma: { samples: luma, stride }, chroma: [plane(0), plane(1)] };
}

/** Samples that already are RGB, or whose layout only the decoder knows; transparent pixels are laid over white. */
async function copyRgb(sample: VideoSample): Promise<Pixels> {
  const { codedWidth: width, codedHeight: height } = sample;
  const format = /^(RGB|BGR)[AX]$/.exec(sample.format ?? '')?.[0];
  const options = format ? {} : { format: 'RGBA' as const };
  const source = new Uint8Array(sample.allocationSize(options));
  const [{ offset, stride } = { offset: 0, stride: 4 * width }] = await sample.copyTo(source, options);
  const order = format?.startsWith('BGR') ? ([2, 1, 0] as const) : ([0, 1, 2] as const);
  return rgbaToRgb(source, { width, height }, { offset, stride, order, opaque: format?.endsWith('X') === true });
}
