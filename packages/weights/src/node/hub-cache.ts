import { copyFile, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { writeAtomically } from '@od-vae/core/files';

import type { ByteSource } from '../byte-source.ts';
import { fileFolder } from './file-folder.ts';
import { fileSource } from './file-source.ts';
import type { Folder } from '../folder.ts';
import { checkHubSize, type HubFile } from '../hub-file.ts';
import type { HubId } from '../hub-id.ts';
import type { OpenCheckpointOptions } from '../open-checkpoint-options.ts';

/** The cache of Python's huggingface_hub for one model: `blobs`, `refs`, and `snapshots` of links to blobs. */
export interface HubCache {
  /** A file of a commit from the cache, downloaded first where it is not there. */
  open(file: HubFile, commit: string): Promise<ByteSource>;
  /** What is there of the wanted revision, or undefined when that is nothing. */
  snapshot(): Promise<Folder | undefined>;
}

/** Options of every function of the Hub library. */
interface HubAccess {
  fetch: typeof fetch;
  accessToken?: string;
  hubUrl?: string;
}

/** Returns the cache of a model. */
export async function hubCache(id: HubId, options: OpenCheckpointOptions): Promise<HubCache> {
  const { downloadFile, getHFHubCachePath, getRepoFolderName } = await import('@huggingface/hub');
  const { signal } = options;
  const root = join(options.hub?.cacheDir ?? getHFHubCachePath(), getRepoFolderName({ type: 'model', name: id.repo }));
  const exists = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );

  const download = async (file: HubFile, commit: string): Promise<Blob> => {
    const blob = await downloadFile({ repo: id.repo, path: file.path, revision: commit, ...hubAccess(options) });
    checkHubSize(id, file, blob?.size);
    return blob!;
  };
  const write = async (path: string, content: string | AsyncIterable<Uint8Array>): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeAtomically(path, content);
  };

  return {
    open: async (file, commit) => {
      const pointer = join(root, 'snapshots', commit, file.path);
      if (await exists(pointer)) return fileSource(pointer, signal);
      const blob = join(root, 'blobs', file.etag);
      if (!(await exists(blob))) await write(blob, withProgress(await download(file, commit), options));
      if (id.revision !== commit) await write(join(root, 'refs', id.revision), commit);
      await mkdir(dirname(pointer), { recursive: true });
      await symlink(relative(dirname(pointer), blob), pointer).catch(() => copyFile(blob, pointer));
      return fileSource(pointer, signal);
    },
    snapshot: async () => {
      const commit = await readFile(join(root, 'refs', id.revision), 'utf8').catch(() => id.revision);
      const path = join(root, 'snapshots', commit, id.path);
      return (await exists(path)) ? fileFolder(path, signal) : undefined;
    },
  };
}

/** Returns the options that every function of the Hub library has. */
function hubAccess({ fetch: request = fetch, hub = {}, signal }: OpenCheckpointOptions): HubAccess {
  return {
    fetch: (input, init) => request(input, { ...init, ...(signal && { signal }) }),
    ...(hub.token !== undefined && { accessToken: hub.token }),
    ...(hub.endpoint !== undefined && { hubUrl: hub.endpoint }),
  };
}

async function* withProgress(blob: Blob, { onProgress, signal }: OpenCheckpointOptions): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of blob.stream() as unknown as AsyncIterable<Uint8Array>) {
    signal?.throwIfAborted();
    yield chunk;
    done += chunk.length;
    onProgress?.({ phase: 'download', done, total: blob.size });
  }
}
