import { MediaError, sizeOf } from '@od-vae/core/base';
import { writeAtomically } from '@od-vae/core/files';
import { openVideo } from '@od-vae/video';

import { type DecodedVideo, openDecoded } from './decoded-video.ts';

/** Where decoded videos are kept, so that each is decoded once. */
export interface CacheOptions {
  readonly folder: string;
  /** Bytes that the cache may hold, 10 GB by default; what does not fit any more is decoded each time. */
  readonly maxBytes?: number | undefined;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
}

/** Decoded videos on disk: `<hash>.rgb`, bytes of all frames, and `<hash>.json`. Node only. */
export class ClipCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  #usedBytes: number | undefined;

  constructor({ folder, maxBytes = 10e9 }: CacheOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** A video from the cache, decoded into it first where it is not there; files are told apart by path, size and time. */
  async open(path: string, shortSide: number | undefined): Promise<DecodedVideo> {
    const { mkdir } = await import('#node/fs');
    const { join } = await import('#node/path');
    await mkdir(this.#folder, { recursive: true });
    const base = join(this.#folder, await this.#key(path, shortSide));
    const known = (await readCached(base)) ?? (await this.#fill(base, path, shortSide));
    return known ? cachedVideo(`${base}.rgb`, known) : openDecoded(path, shortSide);
  }

  async #key(path: string, shortSide: number | undefined): Promise<string> {
    const { stat } = await import('#node/fs');
    const { resolve } = await import('#node/path');
    const { createHash } = process.getBuiltinModule('node:crypto');
    const { size, mtimeMs } = await stat(path).catch((cause: unknown) => {
      throw new MediaError(`"${path}" cannot be read.`, { cause });
    });
    const identity = JSON.stringify([resolve(path), size, mtimeMs, shortSide ?? null]);
    return createHash('sha256').update(identity).digest('hex').slice(0, 24);
  }

  async #fill(base: string, path: string, shortSide: number | undefined): Promise<Header | undefined> {
    const reader = await openVideo(path, { shortSide });
    try {
      const { width, height } = reader;
      const left = this.#maxBytes - (await this.#used());
      const expected = sizeOf([width, height, 3, reader.frameCount ?? 0]);
      if (expected > left) return undefined;
      let frameCount = 0;
      const pixels = async function* () {
        for await (const { data } of reader.frames()) {
          yield data;
          frameCount += 1;
        }
      };
      await writeAtomically(`${base}.rgb`, pixels());
      const header = { width, height, frameCount };
      await writeAtomically(`${base}.json`, JSON.stringify(header));
      this.#usedBytes = (await this.#used()) + sizeOf([width, height, 3, frameCount]);
      return header;
    } finally {
      await reader.close();
    }
  }

  async #used(): Promise<number> {
    if (this.#usedBytes !== undefined) return this.#usedBytes;
    const { readdir, stat } = await import('#node/fs');
    const { join } = await import('#node/path');
    let total = 0;
    for (const name of await readdir(this.#folder)) {
      if (name.endsWith('.rgb')) total += (await stat(join(this.#folder, name))).size;
    }
    this.#usedBytes = total;
    return total;
  }
}

/** The header of a cached video whose bytes are all there. */
async function readCached(base: string): Promise<Header | undefined> {
  const { readFile, stat } = await import('#node/fs');
  try {
    const header = JSON.parse(await readFile(`${base}.json`, 'utf8')) as Header;
    const { size } = await stat(`${base}.rgb`);
    return size === sizeOf([header.width, header.height, 3, header.frameCount]) ? header : undefined;
  } catch {
    return undefined;
  }
}

async function cachedVideo(file: string, header: Header): Promise<DecodedVideo> {
  const { open } = await import('#node/fs');
  const handle = await open(file, 'r');
  const frameSize = sizeOf([header.width, header.height, 3]);
  return {
    ...header,
    frames: async (indices) => {
      const data = new Uint8Array(indices.length * frameSize);
      for (const [position, index] of indices.entries()) {
        await handle.read(data, position * frameSize, frameSize, index * frameSize);
      }
      return data;
    },
    close: () => handle.close(),
  };
}
