import { MediaError } from '@od-vae/core/base';
import { type ByteSource, readWhole } from './byte-source.ts';
import { type GifFile, type GifImage, parseGif } from './gif-file.ts';
import { unpackLzw } from './gif-lzw.ts';
import { checkSize } from './limits.ts';
import { type Picture, type PictureSource, simplePicture } from './picture.ts';

/** Milliseconds a frame is shown that asks for 10 or less, as browsers do. */
const SHORTEST_DELAY = 100;

/** Rows of an interlaced image come in these passes: first row, distance to the next. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/** Opens a GIF: the file is held whole, its frames are unpacked one by one and laid over white. */
export async function openGif(bytes: ByteSource): Promise<PictureSource> {
  const gif = parseGif(await readWhole(bytes));
  if (!gif) {
    throw new MediaError(`openVideo: ${bytes.name} begins as a GIF, but has no whole header of one.`);
  }
  const { width, height, images } = gif;
  checkSize(`openVideo: ${bytes.name}`, width, height);
  if (images.length === 0) {
    throw gif.damagedAt === undefined
      ? new MediaError(`openVideo: ${bytes.name} is a GIF without a frame.`)
      : damagedAt(bytes.name, gif.damagedAt, 0);
  }
  const duration = images.reduce((sum, image) => sum + delayOf(image), 0);
  return {
    info: {
      width,
      height,
      fps: images.length / duration,
      frameCount: images.length,
      duration,
      codec: 'gif',
      container: 'gif',
      rotation: 0,
      colour: { matrix: 'rgb', range: 'full' },
    },
    pictures: () => composeFrames(gif, bytes.name),
    close: () => bytes.close(),
  };
}

async function* composeFrames(
  { width, height, images, damagedAt: end }: GifFile,
  name: string,
): AsyncGenerator<Picture, void, undefined> {
  const canvas: Canvas = { width, height, data: new Uint8Array(width * height * 3).fill(255) };
  let timestamp = 0;
  for (const [index, image] of images.entries()) {
    const patch = unpack(image, index, name);
    const before = image.control.disposal === 3 ? canvas.data.slice() : undefined;
    draw(image, patch, canvas, damaged(name, index));
    const shown = canvas.data.slice();
    yield simplePicture(timestamp, delayOf(image), () => ({ width, height, data: shown }));
    timestamp += delayOf(image);
    if (before) {
      canvas.data.set(before);
    } else if (image.control.disposal === 2) {
      clear(image, canvas);
    }
  }
  if (end !== undefined) {
    throw damagedAt(name, end, images.length);
  }
}

/** What has been drawn so far, over white, in RGB. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Seconds. */
function delayOf({ control }: GifImage): number {
  return shownSeconds(control.delay * 10);
}

/** Returns for how many seconds browsers show a frame of an animated image. */
export function shownSeconds(milliseconds: number): number {
  return (milliseconds > 10 ? milliseconds : SHORTEST_DELAY) / 1000;
}

/** The colour indices of an image, row by row. */
function unpack(image: GifImage, index: number, name: string): Uint8Array {
  const { width, height, codeSize, data } = image;
  const error = damaged(name, index);
  if (width === 0 || height === 0) {
    throw error('is empty');
  }
  checkSize(`openVideo: ${name}`, width, height);
  if (codeSize < 1 || codeSize > 8) {
    throw error(`has colour indices of ${codeSize} bits, which may have 1 to 8`);
  }
  const pixels = new Uint8Array(width * height);
  const damage = unpackLzw(data, codeSize, pixels);
  if (damage !== undefined) {
    throw error(damage);
  }
  return image.interlaced ? deinterlace(pixels, width, height) : pixels;
}

function deinterlace(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const result = new Uint8Array(pixels.length);
  let from = 0;
  for (const [first, distance] of PASSES) {
    for (let row = first; row < height; row += distance, from += width) {
      result.set(pixels.subarray(from, from + width), row * width);
    }
  }
  return result;
}

/** Draws what lies on the canvas, transparent pixels aside. */
function draw(image: GifImage, patch: Uint8Array, canvas: Canvas, error: (what: string) => MediaError): void {
  const { colours = new Uint8Array(), left, top, width } = image;
  const { transparentIndex } = image.control;
  const [rows, columns] = visiblePart(image, canvas);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const index = patch[row * width + column]!;
      if (index !== transparentIndex) {
        if (3 * index >= colours.length) {
          throw error(`has the colour ${index}, but its table has ${colours.length / 3}`);
        }
        canvas.data.set(colours.subarray(3 * index, 3 * index + 3), 3 * ((top + row) * canvas.width + left + column));
      }
    }
  }
}

function clear(image: GifImage, canvas: Canvas): void {
  const [rows, columns] = visiblePart(image, canvas);
  for (let row = image.top; row < image.top + rows; row += 1) {
    const from = 3 * (row * canvas.width + image.left);
    canvas.data.fill(255, from, from + 3 * columns);
  }
}

/** Rows and columns of an image that lie on the canvas. */
function visiblePart({ left, top, width, height }: GifImage, canvas: Canvas): [rows: number, columns: number] {
  return [Math.max(0, Math.min(height, canvas.height - top)), Math.max(0, Math.min(width, canvas.width - left))];
}

function damaged(name: string, index: number): (what: string) => MediaError {
  return (what) =>
    new MediaError(`openVideo: ${name} is damaged: frame ${index} ${what}; ${index} frames were readable.`);
}

function damagedAt(name: string, position: number, readable: number): MediaError {
  return new MediaError(
    `openVideo: ${name} is a GIF that is damaged or ends early at byte ${position}; ${readable} frames were readable.`,
  );
}
