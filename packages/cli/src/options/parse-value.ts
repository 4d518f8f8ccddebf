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

/** Reads `square`, or a size such as `256x256`, from an option. */
export function cropSize(text: string): 'square' | { width: number; height: number } {
  if (text === 'square') return text;
  const size = /^(\d{1,5})x(\d{1,5})$/.exec(text);
  const [width, height] = [Number(size?.[1]), Number(size?.[2])];
  if (width >= 1 && height >= 1) return { width, height };
  throw new InvalidArgumentError('It must be "square" or a size in pixels such as 256x256.');
}
