import { CheckpointError, hasNode, isHiddenName } from '@od-vae/core/base';

import { blobSource } from './byte-source.ts';
import type { Folder } from './folder.ts';
import type { HubId } from './hub-id.ts';
import type { HubCache } from './node/hub-cache.ts';
import type { OpenCheckpointOptions } from './open-checkpoint-options.ts';

/** One file of a repository, as the Hub lists it. */
export interface HubFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Name of its content in Python's cache: a hash. */
  readonly etag: string;
}

const COMMIT = /^[0-9a-f]{40}$/;
const HASH = /^[0-9a-f]{8,128}$/;

/** A part of a path that is a plain name: no `..`, no separator. */
const PLAIN_NAME = /^[^\\:]*[^\\:.][^\\:]*$/;

/** What every call of the Hub library takes. */
interface HubAccess {
  fetch: typeof fetch;
  accessToken?: string;
  hubUrl?: string;
}

/**
 * A model on the Hub as a folder. In Node a file is downloaded to Python's cache when it is opened; in a browser it is
 * read by range. Without a network, what the cache holds of the revision is used.
 *
 * @throws CheckpointError when the Hub does not give the model
 */
export async function hubFolder(id: HubId, options: OpenCheckpointOptions): Promise<Folder> {
  const cache = hasNode() ? await (await import('#node/hub-cache')).hubCache(id, options) : undefined;
  try {
    return await onlineFolder(id, options, cache);
  } catch (error) {
    options.signal?.throwIfAborted();
    const offline = error instanceof TypeError ? await cache?.snapshot() : undefined;
    if (offline) return offline;
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(`The Hub does not give ${id.label}: ${(error as Error).message}`, { cause: error });
  }
}

async function onlineFolder(id: HubId, options: OpenCheckpointOptions, cache: HubCache | undefined): Promise<Folder> {
  const { downloadFile, listFiles, modelInfo } = await import('@huggingface/hub');
  const access = hubAccess(options);
  const { sha } = await modelInfo({ name: id.repo, revision: id.revision, additionalFields: ['sha'], ...access });
  if (!COMMIT.test(sha))
    throw new CheckpointError(`The Hub names no commit of ${id.label}, but ${JSON.stringify(sha)}.`);
  const files = new Map<string, HubFile>();
  for await (const entry of listFiles({ repo: id.repo, path: id.path, revision: sha, ...access })) {
    const file = entry.type === 'file' ? hubFile(entry) : undefined;
    if (file) files.set(file.name, file);
  }
  const download = async (file: HubFile): Promise<Blob> => {
    const blob = await downloadFile({ repo: id.repo, path: file.path, revision: sha, ...access });
    if (blob?.size === file.size) return blob;
    throw new CheckpointError(`${id.label}: ${file.path} has ${file.size} bytes, but ${blob?.size ?? 'none'} come.`);
  };
  return {
    label: id.label,
    list: async () => [...files.keys()].filter((name) => !isHiddenName(name)),
    open: async (name) => {
      const file = files.get(name);
      if (!file) return undefined;
      if (cache) return cache.open(file, sha, () => download(file));
      return blobSource(await download(file), `${id.label}/${name}`, options.signal);
    },
  };
}

function hubAccess({ fetch: request = fetch, hub = {}, signal }: OpenCheckpointOptions): HubAccess {
  return {
    fetch: (input, init) => request(input, { ...init, ...(signal && { signal }) }),
    ...(hub.token !== undefined && { accessToken: hub.token }),
    ...(hub.endpoint !== undefined && { hubUrl: hub.endpoint }),
  };
}

/** A listed file whose names and hash are safe on disk; others are left out. */
function hubFile(entry: { path: string; size: number; oid?: string; lfs?: { oid: string } }): HubFile | undefined {
  const etag = entry.lfs?.oid ?? entry.oid ?? '';
  const names = entry.path.split('/');
  if (!HASH.test(etag) || !names.every((name) => PLAIN_NAME.test(name))) return undefined;
  return { name: names.at(-1)!, path: entry.path, size: entry.size, etag };
}
