import { openCheckpoint } from '@od-vae/weights';

import { type KnownLatentsInfo, rawMetadata, withKnown } from './known-info.ts';
import { type LatentTensors, latentTensors, rawTensors, readChunk } from './latent-tensors.ts';
import type { LatentChunk } from './latents.ts';
import { LATENTS_FORMAT, type LatentsInfo, parseLatentsInfo } from './latents-info.ts';

/** Bytes of latents that are read at once. */
const CHUNK_BYTES = 2 ** 22;

/** Open latents: what they are, and the latents themselves when they are asked for. Their owner closes them. */
export interface LatentsReader extends AsyncDisposable {
  readonly info: LatentsInfo;
  /** Of all latents. */
  readonly shape: LatentChunk['shape'];
  /** All latents, some frames at a time; each call starts over. */
  chunks(): AsyncGenerator<LatentChunk, void, undefined>;
  close(): Promise<void>;
}

/** Latents as they were read, all at once. */
export interface LatentsFile {
  readonly info: LatentsInfo;
  readonly chunk: LatentChunk;
}

/**
 * Opens latents that `encodeFile` or `writeLatentsFile` wrote: a `.safetensors` file, or a folder of parts.
 *
 * Latents are read when they are asked for, so that files may be of any size.
 *
 * @param known what the metadata lacks; a file of one tensor without metadata needs `fps`, `width` and `height`
 * @throws MediaError when it holds no latents, or its metadata is wrong; it names every wrong field
 */
export async function openLatents(source: string | URL | Blob, known: KnownLatentsInfo = {}): Promise<LatentsReader> {
  if (typeof source === 'string' && (await isFolder(source))) {
    const { openLatentsFolder } = await import('#node/latents-folder');
    return openLatentsFolder(source, known);
  }
  const file = await openCheckpoint(source);
  try {
    const isRaw = file.metadata['format'] !== LATENTS_FORMAT;
    const latents = latentTensors(file.label, isRaw ? rawTensors(file.tensors) : file.tensors);
    const metadata = isRaw
      ? rawMetadata(file.label, latents.shape[0], known)
      : withKnown(file.label, file.metadata, known);
    const close = () => file.close();
    return {
      info: parseLatentsInfo(file.label, metadata),
      shape: latents.shape,
      chunks: () => chunksOf(latents),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads latents whole, as one chunk; {@link openLatents} reads them piece by piece. */
export async function readLatentsFile(source: string | URL | Blob, known: KnownLatentsInfo = {}): Promise<LatentsFile> {
  await using reader = await openLatents(source, known);
  const [time, height, width, channels] = reader.shape;
  const data = new Float32Array(time * height * width * channels);
  let offset = 0;
  for await (const chunk of reader.chunks()) {
    data.set(chunk.data, offset);
    offset += chunk.data.length;
  }
  return { info: reader.info, chunk: { data, shape: reader.shape } };
}

/** The latents of a file, some frames at a time. */
export async function* chunksOf(latents: LatentTensors): AsyncGenerator<LatentChunk, void, undefined> {
  const [time, height, width, channels] = latents.shape;
  const frames = Math.max(1, Math.floor(CHUNK_BYTES / (4 * height * width * channels)));
  for (let begin = 0; begin < time; begin += frames) {
    yield await readChunk(latents, begin, Math.min(begin + frames, time));
  }
}

async function isFolder(path: string): Promise<boolean> {
  if (typeof process === 'undefined' || !process.versions?.node || /^[a-z]{2,}:/i.test(path)) return false;
  return (await import('#node/job-folder')).isFolder(path);
}
