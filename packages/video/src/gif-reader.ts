import { MediaError } from '@od-vae/core/base';
import { decompressFrame, type ParsedFrame, type ParsedGif, parseGIF } from 'gifuct-js';
import { type ByteSource, readWhole } from './byte-source.ts';
import { checkSize } from './limits.ts';
import { type Picture, type PictureSource, simplePicture } from './picture.ts';

type GifImage = Parameters<typeof decompressFrame>[0];

/** Milliseconds a frame is shown that asks for 10 or less, as browsers do. */
const SHORTEST_DELAY = 100;

/** Opens a GIF: the file is held whole, its frames are unpacked one by one and laid over white. */
export async function openGif(bytes: ByteSource): Promise<PictureSource> {
  const gif = parse(await readWhole(bytes), bytes.name);
  const images = gif.frames.filter((frame): frame is GifImage => 'image' in frame);
  const { width, height } = gif.lsd;
  checkSize(`openVideo: ${bytes.name}`, width, height);
  if (images.length === 0) {
    throw new MediaError(`openVideo: ${bytes.name} is a GIF without a frame.`);
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
    pictures: () => composeFrames(gif, images, bytes.name),
    close: () => bytes.close(),
  };
}

async function* composeFrames(
  gif: ParsedGif,
  images: readonly GifImage[],
  name: string,
): AsyncGenerator<Picture, void, undefined> {
  const { width, height } = gif.lsd;
  const canvas = new Uint8ClampedArray(width * height * 4);
  let timestamp = 0;
  for (const [index, image] of images.entries()) {
    const patch = unpack(image, gif, index, name);
    const before = patch.disposalType === 3 ? canvas.slice() : undefined;
    draw(patch, canvas, width, height);
    const shown = overWhite(canvas);
    yield simplePicture(timestamp, delayOf(image), () => ({ width, height, data: shown }));
    timestamp += delayOf(image);
    if (before) {
      canvas.set(before);
    } else if (patch.disposalType === 2) {
      clear(patch, canvas, width, height);
    }
  }
}

/** Seconds. */
function delayOf(image: GifImage): number {
  const milliseconds = (image.gce?.delay ?? 0) * 10;
  return (milliseconds > 10 ? milliseconds : SHORTEST_DELAY) / 1000;
}

function parse(data: Uint8Array, name: string): ParsedGif {
  try {
    return parseGIF(data.slice().buffer as ArrayBuffer);
  } catch (cause) {
    throw new MediaError(`openVideo: ${name} is a damaged GIF, or ends early.`, { cause });
  }
}

function unpack(image: GifImage, gif: ParsedGif, index: number, name: string): ParsedFrame {
  const { width, height, top, left } = image.image.descriptor;
  try {
    if (width > 0 && height > 0 && left + width <= 0xffff && top + height <= 0xffff) {
      checkSize(name, width, height);
      return decompressFrame(image, gif.gct, true);
    }
  } catch (cause) {
    throw new MediaError(`openVideo: ${name} has a damaged frame; ${index} frames were readable.`, { cause });
  }
  throw new MediaError(`openVideo: ${name} has an empty frame; ${index} frames were readable.`);
}

function draw({ dims, patch }: ParsedFrame, canvas: Uint8ClampedArray, width: number, height: number): void {
  for (let row = 0; row < Math.min(dims.height, height - dims.top); row += 1) {
    for (let column = 0; column < Math.min(dims.width, width - dims.left); column += 1) {
      const from = 4 * (row * dims.width + column);
      if (patch[from + 3] !== 0) {
        canvas.set(patch.subarray(from, from + 4), 4 * ((dims.top + row) * width + dims.left + column));
      }
    }
  }
}

function clear({ dims }: ParsedFrame, canvas: Uint8ClampedArray, width: number, height: number): void {
  for (let row = dims.top; row < Math.min(dims.top + dims.height, height); row += 1) {
    const end = Math.min(dims.left + dims.width, width);
    canvas.fill(0, 4 * (row * width + dims.left), 4 * (row * width + end));
  }
}

/** GIF knows only fully opaque and fully transparent. */
function overWhite(canvas: Uint8ClampedArray): Uint8Array {
  const data = new Uint8Array((canvas.length / 4) * 3).fill(255);
  for (let from = 0, to = 0; from < canvas.length; from += 4, to += 3) {
    if (canvas[from + 3] !== 0) {
      data.set(canvas.subarray(from, from + 3), to);
    }
  }
  return data;
}
