import { MediaError } from '@od-vae/core/base';
import { checkSize } from './limits.ts';
import { chromaSide } from './planar-picture.ts';

/** How the first line of a YUV4MPEG2 file describes its frames. */
export interface Y4mHeader {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Width of a pixel by its height. */
  readonly pixelAspect: number;
  readonly range: 'limited' | 'full';
  readonly bits: number;
  readonly chromaShift: readonly [horizontal: number, vertical: number];
  readonly grey: boolean;
  readonly alpha: boolean;
  /** Bytes of one frame's samples. */
  readonly frameBytes: number;
}

/** Longest first line that is read. */
export const MAX_HEADER = 1024;

const CHROMA_SHIFTS: Readonly<Record<string, readonly [number, number]>> = {
  '420': [1, 1],
  '422': [1, 0],
  '444': [0, 0],
  '411': [2, 0],
  '440': [0, 1],
  mono: [0, 0],
};

/** Reads the first line of a YUV4MPEG2 file, without its line end. */
export function parseY4mHeader(line: string, name: string): Y4mHeader {
  const tags = new Map<string, string>();
  for (const word of line.split(' ').slice(1)) {
    const key = word.startsWith('X') ? (word.split('=')[0] ?? '') : word.slice(0, 1);
    tags.set(key, word.startsWith('X') ? word.slice(key.length + 1) : word.slice(1));
  }
  const width = Number(tags.get('W'));
  const height = Number(tags.get('H'));
  checkSize(`openVideo: ${name}`, width, height);
  const samples = parseChroma(tags.get('C') ?? '420jpeg', name);
  const chroma = samples.grey
    ? 0
    : 2 * chromaSide(width, samples.chromaShift[0]) * chromaSide(height, samples.chromaShift[1]);
  return {
    width,
    height,
    fps: parseRatio(tags.get('F')) ?? 25,
    pixelAspect: parseRatio(tags.get('A')) ?? 1,
    range: tags.get('XCOLORRANGE') === 'FULL' ? 'full' : 'limited',
    ...samples,
    frameBytes: (width * height * (samples.alpha ? 2 : 1) + chroma) * (samples.bits > 8 ? 2 : 1),
  };
}

/** The tag `C`: `420jpeg`, `420mpeg2`, `420paldv`, `422`, `444`, `444alpha`, `mono`, each also as `…p10` to `…p16`. */
function parseChroma(tag: string, name: string) {
  const match = /^(420|422|444|411|440|mono)(jpeg|mpeg2|paldv|alpha)?p?(\d+)?$/.exec(tag);
  const chromaShift = CHROMA_SHIFTS[match?.[1] ?? ''];
  const bits = Number(match?.[3] ?? 8);
  if (!match || !chromaShift || bits < 8 || bits > 16) {
    throw new MediaError(
      `openVideo: ${name} has chroma "${tag}"; 420, 422, 444, 411, 440 and mono of 8 to 16 bits are read.`,
    );
  }
  return { bits, chromaShift, grey: match[1] === 'mono', alpha: match[2] === 'alpha' };
}

/** A ratio such as `30000:1001`; undefined where one side is zero, which means unknown. */
function parseRatio(text: string | undefined): number | undefined {
  const [over, under] = (text ?? '').split(':').map(Number);
  const ratio = (over ?? 0) / (under ?? 0);
  return Number.isFinite(ratio) && ratio > 0 ? ratio : undefined;
}
