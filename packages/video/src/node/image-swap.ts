import * as fs from 'node:fs/promises';
import * as nodePath from 'node:path';
import { MediaError } from '@od-vae/core/base';
import { processMark, processState, removeAbandoned, temporaryPath } from '@od-vae/core/files';

/** A hidden folder of complete images that are being moved into the folder around it, by the process that it names. */
const PENDING = /^\.od-vae-images-([0-9a-f]{8}-\d+-\d+)-[0-9a-f]{8}$/;

/** Lists the files of the previous sequence that the new one does not overwrite. */
const OUTDATED = 'outdated.json';

/** Bytes that {@link OUTDATED} may have. */
const MAX_LIST_BYTES = 2 ** 28;

/** Images that are written into a hidden folder until all of them are there. */
export interface ImageSwap {
  /** The hidden folder. */
  readonly path: string;
  /**
   * Moves the images to their places.
   *
   * @param outdated names of files to remove, which the images do not overwrite
   */
  commit(outdated: readonly string[]): Promise<void>;
  /** Removes the hidden folder, unless the images are being moved already. */
  discard(): Promise<void>;
}

/**
 * Prepares to write a sequence of images into a folder; the previous sequence stays until `commit`.
 *
 * A process that is killed within `commit` leaves a hidden folder that {@link pendingSwap} finds. The next call of this
 * function moves the rest of its images.
 */
export async function openImageSwap(folder: string): Promise<ImageSwap> {
  await removeAbandoned(folder);
  for (const name of await fs.readdir(folder)) await completeAbandoned(folder, name);
  const path = temporaryPath(nodePath.join(folder, 'images'));
  await fs.mkdir(path);
  return {
    path,
    commit: async (outdated) => {
      const pending = nodePath.join(folder, `.od-vae-images-${processMark()}-${crypto.randomUUID().slice(0, 8)}`);
      const replaced = new Set([...(await fs.readdir(path)), ...outdated]);
      const entries = await fs.readdir(folder, { withFileTypes: true });
      const blocked = entries.find((entry) => replaced.has(entry.name) && entry.isDirectory());
      if (blocked) {
        throw new MediaError(
          `createVideoWriter: "${nodePath.join(folder, blocked.name)}" is a folder, but an image is to be written.`,
        );
      }
      await fs.writeFile(nodePath.join(path, OUTDATED), JSON.stringify(outdated));
      await fs.rename(path, pending);
      await complete(folder, pending);
    },
    discard: () => fs.rm(path, { recursive: true, force: true }),
  };
}

/** Returns the hidden folder of a sequence that is only partly in its place, among the names in a folder. */
export function pendingSwap(names: readonly string[]): string | undefined {
  return names.find((name) => PENDING.test(name));
}

/** Completes what a killed process of this user was moving. */
async function completeAbandoned(folder: string, name: string): Promise<void> {
  const mark = PENDING.exec(name)?.[1];
  if (mark === undefined) return;
  const path = nodePath.join(folder, name);
  const found = await fs.lstat(path).catch(() => undefined);
  if (!found?.isDirectory()) return;
  const isOwn = found.uid === (process.getuid?.() ?? found.uid);
  if (!isOwn || (processState(mark) !== 'ended' && mark !== processMark())) {
    throw new MediaError(
      `createVideoWriter: "${folder}" is in use by process ${mark.split('-')[1]}, which moves images into it; ` +
        `wait for it, or remove "${path}" if that process has ended.`,
    );
  }
  await complete(folder, path);
}

async function complete(folder: string, pending: string): Promise<void> {
  const names = await fs.readdir(pending);
  for (const name of await readOutdated(nodePath.join(pending, OUTDATED))) {
    await fs.rm(nodePath.join(folder, nodePath.basename(name)), { force: true });
  }
  for (const name of names) {
    if (name !== OUTDATED) await fs.rename(nodePath.join(pending, name), nodePath.join(folder, name));
  }
  await fs.rm(pending, { recursive: true, force: true });
}

async function readOutdated(path: string): Promise<string[]> {
  const found = await fs.stat(path).catch(() => undefined);
  if (!found || found.size > MAX_LIST_BYTES) return [];
  const list = JSON.parse(await fs.readFile(path, 'utf8')) as unknown;
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
}
