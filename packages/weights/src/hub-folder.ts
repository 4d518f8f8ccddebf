import { CheckpointError, hasNode, isHiddenName } from '@od-vae/core/base';

import type { Folder } from './folder.ts';
import { httpSource } from './http-source.ts';
import { checkHubSize, hubFile, type HubFile } from './hub-file.ts';
import type { HubId } from './hub-id.ts';
import { hubRequests } from './hub-requests.ts';
import type { HubCache } from './node/hub-cache.ts';
import type { OpenCheckpointOptions } from './open-checkpoint-options.ts';

const COMMIT = /^[0-9a-f]{40}$/;
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
    throw hubError(id, error, options);
  }
}

/** The error of a request that failed; a TypeError of `fetch` means that there was no answer. */
function hubError({ label }: HubId, error: unknown, { hub }: OpenCheckpointOptions): CheckpointError {
  const { message, cause } = error as Error & { cause?: { code?: unknown } };
  if (!(error instanceof TypeError)) {
    return new CheckpointError(`The Hub does not give ${label}: ${message}`, { cause: error });
  }
  const host = hub?.endpoint ?? 'https://huggingface.co';
  const reason = typeof cause?.code === 'string' ? `${message}: ${cause.code}` : message;
  return new CheckpointError(
    `openCheckpoint: "${label}" must be a path that exists, or a model on the Hugging Face Hub, but there is no such path and ` +
      `${host} cannot be reached (${reason}), nor is the model in the cache; check the network, or download it first.`,
    { cause: error },
  );
}

async function onlineFolder(id: HubId, options: OpenCheckpointOptions, cache: HubCache | undefined): Promise<Folder> {
  const requests = hubRequests(id, options);
  const sha = await requests.commit();
  if (typeof sha !== 'string' || !COMMIT.test(sha))
    throw new CheckpointError(`The Hub names no commit of ${id.label}, but ${JSON.stringify(sha)}.`);
  const files = new Map<string, HubFile>();
  for await (const entry of requests.list(sha)) {
    const file = entry.type === 'file' ? hubFile(entry) : undefined;
    if (file) files.set(file.name, file);
  }
  return {
    label: id.label,
    list: async () => [...files.keys()].filter((name) => !isHiddenName(name)),
    open: async (name) => {
      const file = files.get(name);
      if (!file) return undefined;
      if (cache) {
        return cache.open(file, sha).catch((error: unknown) => {
          options.signal?.throwIfAborted();
          throw error instanceof TypeError ? hubError(id, error, options) : error;
        });
      }
      const { fetch: request } = requests;
      const source = await httpSource(requests.address(sha, file.path), { fetch: request, signal: options.signal });
      checkHubSize(id, file, source?.size);
      return source && { ...source, label: `${id.label}/${name}` };
    },
  };
}
