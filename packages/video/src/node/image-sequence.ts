import * as fs from 'node:fs/promises';
import * as nodePath from 'node:path';
import { MediaError } from '@od-vae/core/base';
import { readWhole } from '../byte-source.ts';
import { type ImageCodec, loadImageCodec } from '../image-codec.ts';
import { IMAGE_FPS } from '../image-reader.ts';
import { type Picture, type PictureSource, simplePicture } from '../picture.ts';
import { parseSequencePattern } from '../sequence-pattern.ts';
import { openFileBytes } from './open-file-bytes.ts';

const IMAGE_NAME = /\.(png|jpe?g|webp|bmp|tiff?|avif)$/i;

/** The images a folder or a pattern such as `name-%04d.png` stands for; undefined where the path is a plain file. */
export async function listSequence(path: string): Promise<readonly string[] | undefined> {
  const isFolder = (await fs.stat(path).catch(() => undefined))?.isDirectory() ?? false;
  const pattern = isFolder ? undefined : parseSequencePattern(path);
  if (!isFolder && !pattern) {
    return undefined;
  }
  const folder = isFolder ? path : nodePath.dirname(path);
  const names = await fs.readdir(folder).catch(() => []);
  const wanted = pattern ? matching(names, nodePath.basename(path)) : names.filter((name) => IMAGE_NAME.test(name));
  if (wanted.length === 0) {
    throw new MediaError(`openVideo: "${path}" has no ${pattern ? 'file of this pattern' : 'image in it'}.`);
  }
  const byNumber = new Intl.Collator('en', { numeric: true });
  return wanted.sort((left, right) => byNumber.compare(left, right)).map((name) => nodePath.join(folder, name));
}

/** Opens images of one size as a video of `fps` frames a second. */
export async function openSequence(paths: readonly string[], fps = IMAGE_FPS): Promise<PictureSource> {
  const codec = await loadImageCodec();
  const first = await decodeFile(paths[0]!, codec);
  return {
    info: {
      width: first.width,
      height: first.height,
      fps,
      frameCount: paths.length,
      duration: paths.length / fps,
      codec: first.format,
      container: 'images',
      rotation: 0,
      colour: { matrix: 'rgb', range: 'full' },
    },
    pictures: () => readImages(paths, fps, codec, first),
    close: async () => undefined,
  };
}

async function* readImages(
  paths: readonly string[],
  fps: number,
  codec: ImageCodec,
  { width, height }: { readonly width: number; readonly height: number },
): AsyncGenerator<Picture, void, undefined> {
  for (const [index, path] of paths.entries()) {
    yield simplePicture(index / fps, 1 / fps, async () => {
      const pixels = await decodeFile(path, codec);
      if (pixels.width !== width || pixels.height !== height) {
        throw new MediaError(
          `openVideo: "${path}" is ${pixels.width}x${pixels.height}, but the first image is ${width}x${height}.`,
        );
      }
      return pixels;
    });
  }
}

async function decodeFile(path: string, codec: ImageCodec) {
  const bytes = await openFileBytes(path);
  try {
    return await codec.decode(await readWhole(bytes), bytes.name);
  } finally {
    await bytes.close();
  }
}

function matching(names: readonly string[], patternName: string): string[] {
  const { before, digits, after } = parseSequencePattern(patternName)!;
  return names.filter((name) => {
    const middle = name.slice(before.length, name.length - after.length);
    return name.startsWith(before) && name.endsWith(after) && /^\d+$/.test(middle) && middle.length >= digits;
  });
}
