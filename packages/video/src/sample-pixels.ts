import type { VideoSample } from 'mediabunny';
import type { Pixels } from './picture.ts';
import type { PlanarPicture, Plane } from './planar-picture.ts';
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
 */
export async function samplePixels(sample: VideoSample, colour: Colour): Promise<Pixels> {
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
  return copyRgb(sample);
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
  const order = format?.startsWith('BGR') ? [2, 1, 0] : [0, 1, 2];
  const opaque = format?.endsWith('X') === true;
  const data = new Uint8ClampedArray(width * height * 3);
  for (let row = 0, to = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const from = offset + row * stride + 4 * column;
      const opacity = opaque ? 1 : source[from + 3]! / 255;
      for (const channel of order) {
        data[to] = source[from + channel]! * opacity + 255 * (1 - opacity);
        to += 1;
      }
    }
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}
