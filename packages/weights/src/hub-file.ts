import { CheckpointError } from '@od-vae/core/base';

import type { HubId } from './hub-id.ts';
import type { HubEntry } from './hub-requests.ts';

/** One file of a repository, as the Hub lists it. */
export interface HubFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Name of its content in Python's cache: a hash. */
  readonly etag: string;
}

const HASH = /^[0-9a-f]{8,128}$/;

/** A part of a path that is a plain name: no `..`, no separator. */
const PLAIN_NAME = /^[^\\:]*[^\\:.][^\\:]*$/;

/** Returns a listed file, or undefined if its names or hash are unsafe on disk. */
export function hubFile(entry: HubEntry): HubFile | undefined {
  const etag = entry.lfs?.oid ?? entry.oid ?? '';
  const names = entry.path.split('/');
  if (!HASH.test(etag) || !names.every((name) => PLAIN_NAME.test(name))) return undefined;
  return { name: names.at(-1)!, path: entry.path, size: entry.size, etag };
}

/** Checks that a file has the size that the Hub lists. */
export function checkHubSize(id: HubId, file: HubFile, size: number | undefined): void {
  if (size === file.size) return;
  throw new CheckpointError(`${id.label}: ${file.path} must have ${file.size} bytes, but has ${size ?? 'none'}.`);
}
