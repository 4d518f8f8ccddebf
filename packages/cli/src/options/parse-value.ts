import { InvalidArgumentError } from 'commander';

/** Reads a whole number of at least `least` (and at most `most`) from an option. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const limit = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${limit}.`);
  };
}

/** Reads a number above `above` (or at least it, where `inclusive`) and at most `most` from an option. */
export function decimalNumber(above: number, most: number, inclusive = false): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value <= most && (value > above || (inclusive && value === above))) return value;
    throw new InvalidArgumentError(`It must be a number ${inclusive ? 'from' : 'above'} ${above} up to ${most}.`);
  };
}

/** Reads the frames of a tile, 5, 9, 13, …, from an option. */
export function tileLength(text: string): number {
  const frames = wholeNumber(5)(text);
  if (frames % 4 === 1) return frames;
  throw new InvalidArgumentError(`It must be 4n + 1 (try ${frames - ((frames - 1) % 4)}).`);
}

/** Reads a size such as `500MB`, `5GB` or a number of bytes, in powers of ten, from an option. */
export function byteSize(text: string): number {
  const size = /^(\d+(?:\.\d+)?)\s*(kb|mb|gb|tb|b)?$/i.exec(text.trim());
  const exponent = ['b', 'kb', 'mb', 'gb', 'tb'].indexOf((size?.[2] ?? 'b').toLowerCase());
  const bytes = Math.floor(Number(size?.[1]) * 1000 ** exponent);
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError('It must be a size such as 500MB or 5GB.');
}

/** Frames, height and width of a clip that fits the published models. */
export interface ClipSize {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

/** Reads a size such as `17x128x128` from an option: 4n + 1 frames, height and width in multiples of 8. */
export function clipSize(text: string): ClipSize {
  const [, frames = 0, height = 0, width = 0] = (/^(\d{1,5})x(\d{1,5})x(\d{1,5})$/.exec(text) ?? []).map(Number);
  const fits = frames % 4 === 1 && height > 0 && height % 8 === 0 && width > 0 && width % 8 === 0;
  if (fits) return { frames, height, width };
  throw new InvalidArgumentError(
    'It must be 4n + 1 frames by a height and width that are multiples of 8, such as 17x128x128.',
  );
}

/** Reads `square`, or a size such as `256x256`, from an option. */
export function cropSize(text: string): 'square' | { width: number; height: number } {
  if (text === 'square') return text;
  const size = /^(\d{1,5})x(\d{1,5})$/.exec(text);
  const [width, height] = [Number(size?.[1]), Number(size?.[2])];
  if (width >= 1 && height >= 1) return { width, height };
  throw new InvalidArgumentError('It must be "square" or a size in pixels such as 256x256.');
}
