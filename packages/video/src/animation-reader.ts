import { MediaError } from '@od-vae/core/base';
import { type ByteSource, readWhole } from './byte-source.ts';
import { checkedToEnd } from './check-end.ts';
import type { Animation } from './find-animation.ts';
import { INSTALL_FFMPEG, type MediaEngines } from './media-engines.ts';
import type { PictureSource } from './picture.ts';
import { hasNode } from './runtime.ts';

const NAMES = { webp: 'WebP', png: 'PNG', avif: 'AVIF or HEIF' } as const;

/**
 * Opens an image file with several frames as a video: in Node WebP and TIFF with sharp, PNG and AVIF with ffmpeg; in browsers
 * all but TIFF with `ImageDecoder`.
 *
 * @param fps rate of the pages of a TIFF file, which has no times
 */
export async function openAnimation(
  animation: Animation,
  bytes: ByteSource,
  engines: MediaEngines,
  fps: number | undefined,
): Promise<PictureSource> {
  if (!hasNode()) {
    const { openWithImageDecoder } = await import('./image-decoder.ts');
    return openWithImageDecoder(animation, bytes);
  }
  if (animation.format === 'webp' || animation.format === 'tiff') {
    const { openWithSharp } = await import('#node/sharp-animation');
    return openWithSharp(animation, bytes, fps);
  }
  return openThroughFfmpeg(animation, bytes, engines);
}

async function openThroughFfmpeg(
  animation: Extract<Animation, { frames: number }>,
  bytes: ByteSource,
  engines: MediaEngines,
): Promise<PictureSource> {
  const { name } = bytes;
  const { format, frames } = animation;
  const what = `openVideo: ${name} is an animated ${NAMES[format]} of ${frames} frames`;
  if (format === 'avif' && animation.hasAlpha) {
    throw new MediaError(`${what} with transparency, which ffmpeg ignores; convert it to WebP or PNG.`);
  }
  const tools = await engines.findFfmpeg();
  if (!tools) {
    throw new MediaError(`${what}, which needs ffmpeg on PATH: run "${INSTALL_FFMPEG}".`);
  }
  const { temporaryCopy } = await import('#node/temporary-copy');
  const { openWithFfmpeg } = await import('#node/ffmpeg-reader');
  const copy = await temporaryCopy(asSequence(animation, await readWhole(bytes)));
  try {
    const opened = await openWithFfmpeg(copy.path, name, tools);
    if (opened.info.frameCount !== frames) {
      await opened.close();
      throw new MediaError(`${what}, of which ffmpeg ${tools.version} reads ${opened.info.frameCount}.`);
    }
    const close = () => Promise.all([opened.close().finally(copy.remove), bytes.close()]).then(() => undefined);
    return checkedToEnd({ ...opened, close }, { name, truncated: false, frameCount: frames });
  } catch (cause) {
    await copy.remove();
    throw cause;
  }
}

/** A file of the brand of still images, of which ffmpeg reads the still image only, with the brand of sequences. */
function asSequence(animation: Animation, data: Uint8Array): Uint8Array {
  if (animation.format !== 'avif' || animation.brand !== 'avif') return data;
  const patched = data.slice();
  patched.set(new TextEncoder().encode('avis'), 8);
  return patched;
}
