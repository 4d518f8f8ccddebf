import { CheckpointError, hasNode } from '@od-vae/core/base';

import { blobSource, type ByteSource } from './byte-source.ts';
import type { Folder } from './folder.ts';
import { httpFolder } from './http-folder.ts';
import { httpSource } from './http-source.ts';
import { hubFolder } from './hub-folder.ts';
import { type HubId, parseHubId } from './hub-id.ts';
import type { OpenCheckpointOptions } from './open-checkpoint-options.ts';

/**
 * Where weights come from: a path, a folder, an address (`http`, `https`, `file`, `blob`, `data`), a Blob or File, or
 * the id of a model on the Hub, `owner/name`, `owner/name/folder`, each with `@revision` behind it where wanted.
 */
export type CheckpointSource = string | URL | Blob;

/** A place that was found: a file, the folder it lies in, or a folder alone. */
export interface Place {
  readonly label: string;
  readonly file?: ByteSource | undefined;
  readonly folder?: Folder | undefined;
}

const WEIGHTS_NAME = /\.(?:safetensors|ckpt|pth?|bin|json)$/i;

/**
 * Finds what a source names, without reading it.
 *
 * A string that is an existing path counts as a path, and only otherwise as a Hub id.
 *
 * @throws CheckpointError when there is nothing
 */
export async function locate(source: CheckpointSource, options: OpenCheckpointOptions): Promise<Place> {
  if (source instanceof Blob) {
    const file = blobSource(source, undefined, options.signal);
    return { label: file.label, file };
  }
  const text = String(source);
  if (/^(?:https?|blob|data):/i.test(text)) return locateUrl(new URL(text), options);
  if (hasNode()) return locatePath(text, options);
  const id = WEIGHTS_NAME.test(text) ? undefined : parseHubId(text);
  return id ? locateHub(id, options) : locateUrl(new URL(text, document.baseURI), options);
}

async function locateUrl(url: URL, options: OpenCheckpointOptions): Promise<Place> {
  const label = url.protocol === 'data:' ? 'the data URL' : url.href;
  if (!url.pathname.endsWith('/')) {
    const file = await httpSource(url.href, options);
    const folder = url.protocol.startsWith('http') ? httpFolder(new URL('.', url).href, options) : undefined;
    if (file) return { label, file, folder };
    if (WEIGHTS_NAME.test(url.pathname)) {
      throw new CheckpointError(`The server has no file at ${label}, or none it lets be read.`);
    }
  }
  return { label, folder: httpFolder(new URL(`${url.pathname.replace(/\/$/, '')}/`, url).href, options) };
}

async function locatePath(text: string, options: OpenCheckpointOptions): Promise<Place> {
  const { stat } = await import('#node/fs');
  const { dirname } = await import('#node/path');
  const { fileFolder } = await import('#node/file-folder');
  const { fileSource } = await import('#node/file-source');
  const path = /^file:/i.test(text) ? process.getBuiltinModule('node:url').fileURLToPath(text) : text;
  const { recoverFolder } = await import('@od-vae/core/files');
  await recoverFolder(path).catch(() => undefined);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return { label: path, folder: fileFolder(path, options.signal) };
  if (found) {
    const file = await fileSource(path, options.signal);
    return { label: path, file, folder: fileFolder(dirname(path), options.signal) };
  }
  const id = parseHubId(path);
  if (id) return locateHub(id, options);
  throw new CheckpointError(`There is no file or folder at ${path}, and it is no Hub id ("owner/name") either.`);
}

async function locateHub(id: HubId, options: OpenCheckpointOptions): Promise<Place> {
  return { label: id.label, folder: await hubFolder(id, options) };
}
