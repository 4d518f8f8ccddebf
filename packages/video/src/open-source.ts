import { MediaError } from '@od-vae/core/base';
import { openBytes } from './byte-source.ts';
import { openContainer } from './container-reader.ts';
import { openGif } from './gif-reader.ts';
import { openImage } from './image-reader.ts';
import { isLive } from './live-source.ts';
import { machineEngines, type MediaEngines } from './media-engines.ts';
import { openLive } from './open-live.ts';
import type { PictureSource } from './picture.ts';
import { sniffFormat } from './sniff-format.ts';
import { extensionOf, localPath, sourceName } from './source-name.ts';
import type { ReadOptions, VideoSource } from './types.ts';
import { openY4m } from './y4m-reader.ts';

/** Extensions of addresses whose files are read from their beginning on; every other address is read in parts. */
const OWN = /^(y4m|gif|png|jpe?g|webp|bmp|avif|tiff?)$/;

/** Opens any source with the reader of its format. */
export async function openSource(
  source: VideoSource,
  { fps, signal }: Pick<ReadOptions, 'fps' | 'signal'> = {},
  engines: MediaEngines = machineEngines,
): Promise<PictureSource> {
  if (isLive(source)) {
    return openLive(source, { signal }, (file) => openSource(file, { fps, signal }, engines));
  }
  const path = localPath(source);
  if (path !== undefined) {
    const { listImages } = await import('#node/list-images');
    const images = await listImages(path);
    if (images) {
      const { openSequence } = await import('#node/image-sequence');
      return openSequence(images, fps);
    }
  } else if (isRemote(source) && !OWN.test(extensionOf(String(source)))) {
    return openContainer(source, undefined, engines);
  }
  const bytes = await openBytes(source, signal);
  try {
    const kind = await sniffFormat(bytes);
    if (bytes.size === 0) {
      throw new MediaError(`openVideo: ${sourceName(source)} must hold a video or an image, but is empty (0 bytes).`);
    }
    if (kind === 'image') {
      return await openImage(bytes, engines, fps);
    }
    const open = { y4m: openY4m, gif: openGif, video: undefined }[kind];
    if (open) {
      return await open(bytes);
    }
    if (isRemote(source)) {
      await bytes.close();
      return await openContainer(source, undefined, engines);
    }
    const opened = await openContainer(source, bytes, engines);
    return { ...opened, close: () => opened.close().finally(() => bytes.close()) };
  } catch (cause) {
    await bytes.close();
    throw cause;
  }
}

function isRemote(source: VideoSource): boolean {
  return !(source instanceof Uint8Array) && !(source instanceof Blob) && /^https?:/i.test(String(source));
}
