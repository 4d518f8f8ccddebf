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
  const [width, height] = [parseSide('W', tags, name), parseSide('H', tags, name)];
  checkSize(`openVideo: ${name}`, width, height);
  const samples = parseChroma(tags.get('C') ?? '420jpeg', name);
  const chroma = samples.grey
    ? 0
    : 2 * chromaSide(width, samples.chromaShift[0]) * chromaSide(height, samples.chromaShift[1]);
  return {
    width,
    height,
    fps: parseRatio('F', tags, name) ?? 25,
    pixelAspect: parseRatio('A', tags, name) ?? 1,
    range: parseRange(tags.get('XCOLORRANGE'), name),
    ...samples,
    frameBytes: (width * height * (samples.alpha ? 2 : 1) + chroma) * (samples.bits > 8 ? 2 : 1),
  };
}

/** How the samples of a frame are laid out. */
type Samples = Pick<Y4mHeader, 'bits' | 'chromaShift' | 'grey' | 'alpha'>;

/** The tag `C`: `420jpeg`, `420mpeg2`, `420paldv`, `422`, `444`, `444alpha`, `mono`, and `420p10`, `mono16` and their like. */
const CHROMAS: ReadonlyMap<string, Samples> = /* @__PURE__ */ new Map(chromas());

function* chromas(): Generator<[tag: string, Samples]> {
  for (const [kind, chromaShift] of Object.entries(CHROMA_SHIFTS)) {
    const samples = { bits: 8, chromaShift, grey: kind === 'mono', alpha: false };
    yield [kind, samples];
    for (let bits = 8; bits <= 16; bits += 1) {
      yield [`${kind}${samples.grey ? '' : 'p'}${bits}`, { ...samples, bits }];
    }
    if (kind === '420') {
      for (const siting of ['jpeg', 'mpeg2', 'paldv']) yield [kind + siting, samples];
    }
    if (kind === '444') yield ['444alpha', { ...samples, alpha: true }];
  }
}

function parseChroma(tag: string, name: string): Samples {
  const samples = CHROMAS.get(tag);
  if (!samples) {
    throw new MediaError(
      `openVideo: ${name} has chroma "${tag}"; 420, 422, 444, 411, 440 and mono of 8 to 16 bits are read.`,
    );
  }
  return samples;
}

function parseSide(key: 'W' | 'H', tags: ReadonlyMap<string, string>, name: string): number {
  const text = tags.get(key);
  if (text === undefined || !/^\d{1,6}$/.test(text)) {
    const has = text === undefined ? 'has none' : `has "${text}"`;
    throw new MediaError(`openVideo: ${name} must give "${key}" as a whole number, but ${has}.`);
  }
  return Number(text);
}

/** A ratio such as `30000:1001`; undefined where there is none, or one side is zero, which means unknown. */
function parseRatio(key: 'F' | 'A', tags: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = tags.get(key);
  const match = /^(\d{1,10}):(\d{1,10})$/.exec(text ?? '');
  if (text !== undefined && !match) {
    throw new MediaError(`openVideo: ${name} must give "${key}" as two numbers such as 30:1, but has "${text}".`);
  }
  const ratio = Number(match?.[1] ?? 0) / Number(match?.[2] ?? 0);
  return Number.isFinite(ratio) && ratio > 0 ? ratio : undefined;
}

function parseRange(text: string | undefined, name: string): Y4mHeader['range'] {
  if (text !== undefined && text !== 'FULL' && text !== 'LIMITED') {
    throw new MediaError(`openVideo: ${name} must have the range FULL or LIMITED, but has "${text}".`);
  }
  return text === 'FULL' ? 'full' : 'limited';
}
