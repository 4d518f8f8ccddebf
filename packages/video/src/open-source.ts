import { MediaError } from '@od-vae/core/base';
import { type ByteSource, chunksOf, openBytes } from './byte-source.ts';
import { openContainer } from './container-reader.ts';
import { openGif } from './gif-reader.ts';
import { openImage } from './image-reader.ts';
import { isLive } from './live-source.ts';
import { machineEngines, type MediaEngines } from './media-engines.ts';
import { openLive } from './open-live.ts';
import type { PictureSource } from './picture.ts';
import { hasNode } from './runtime.ts';
import { sniffFormat } from './sniff-format.ts';
import { localPath, sourceName } from './source-name.ts';
import type { ReadOptions, VideoSource } from './types.ts';
import { openY4m } from './y4m-reader.ts';

/** Bytes of a remote file up to which it is downloaded, in Node, rather than read in parts. */
const DOWNLOADED_BYTES = 2 ** 26;

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
      return await openRemote(String(source), bytes, engines);
    }
    const opened = await openContainer({ name: bytes.name, bytes, path }, engines);
    return { ...opened, close: () => opened.close().finally(() => bytes.close()) };
  } catch (cause) {
    await bytes.close();
    throw cause;
  }
}

/** Opens a container on a server: in parts where the server sends any part of it, after a download otherwise. */
async function openRemote(url: string, bytes: ByteSource, engines: MediaEngines): Promise<PictureSource> {
  const { name } = bytes;
  if (!hasNode() || (bytes.hasRanges && bytes.size > DOWNLOADED_BYTES)) {
    const opened = await openContainer({ name, bytes, url }, engines);
    return { ...opened, close: () => opened.close().finally(() => bytes.close()) };
  }
  const { openTemporaryFile } = await import('#node/temporary-copy');
  const { path, ...file } = await openTemporaryFile(chunksOf(bytes));
  await bytes.close();
  try {
    const opened = await openContainer({ name, bytes: { ...file, name }, path }, engines);
    return { ...opened, close: () => opened.close().finally(file.close) };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

function isRemote(source: VideoSource): boolean {
  return !(source instanceof Uint8Array) && !(source instanceof Blob) && /^https?:/i.test(String(source));
}
