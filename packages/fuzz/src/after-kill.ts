import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { recoverFolder } from '@od-vae/core/files';

/** What a command that was killed left behind. */
export type Remains =
  /** Nothing under the names of its output. */
  | 'absent'
  /** The files that were there before, byte for byte. */
  | 'previous'
  /** Finished parts from which the command resumes; no reader accepts them as its output. */
  | 'resumable'
  /** Everything, byte for byte. */
  | 'complete'
  /** Anything else, which must not be. */
  | 'broken';

/** Names of files that are still being written. */
const TEMPORARY = /^\..+\.tmp$/;

/** Complete images that are being moved out of a hidden folder; the sequence cannot be read until all are. */
const PENDING_IMAGES = /(?:^|\/)\.od-vae-images-/;

/** The folder of a job that is not complete. */
const PARTIAL = /\.partial\/$/;

/** A folder that is being replaced; it is put back where the new one is not in place. */
const PREVIOUS_FOLDER = /^\.([^/]+)\.od-vae-previous\//;

/** Settings of a job beside the parts of it that are done. */
const JOB_SETTINGS = /(?:^|\/)job\.json$/;

/**
 * Looks at the folder of a command that was killed.
 *
 * @param whole the files that the command makes when it is left alone, by their paths in the folder
 * @param previous the files that were there before
 */
export async function afterKill(
  folder: string,
  whole: ReadonlyMap<string, Uint8Array>,
  previous: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<{ remains: Remains; temporary: number }> {
  await putBackPrevious(folder);
  const there = await filesIn(folder);
  const isTemporary = (path: string) => path.split('/').some((name) => TEMPORARY.test(name));
  const job = there.find((path) => JOB_SETTINGS.test(path));
  const jobFolder = job?.slice(0, -'job.json'.length);
  const isReplaced = jobFolder !== undefined && there.includes(`${jobFolder}latents.json`) && !PARTIAL.test(jobFolder);
  const isPart = (path: string) =>
    PENDING_IMAGES.test(path) || (isReplaced ? path === job : jobFolder !== undefined && path.startsWith(jobFolder));
  const files = there.filter((path) => !isTemporary(path) && !isPart(path));
  const found = new Map(
    await Promise.all(files.map(async (path) => [path, await readFile(join(folder, path))] as const)),
  );
  const remains = (): Remains => {
    if (there.some((path) => PENDING_IMAGES.test(path))) {
      return files.every((path) => [whole, previous].some((all) => isSame(found.get(path), all.get(path))))
        ? 'resumable'
        : 'broken';
    }
    if (isSameMap(found, whole)) return 'complete';
    if (!isSameMap(found, previous)) return 'broken';
    if (job !== undefined) return 'resumable';
    return previous.size > 0 ? 'previous' : 'absent';
  };
  return { remains: remains(), temporary: there.filter(isTemporary).length };
}

function isSame(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
}

function isSameMap(left: ReadonlyMap<string, Uint8Array>, right: ReadonlyMap<string, Uint8Array>): boolean {
  return left.size === right.size && [...left].every(([path, bytes]) => isSame(bytes, right.get(path)));
}

/** Recovers as every reader of the folder does. */
async function putBackPrevious(folder: string): Promise<void> {
  const names = (await filesIn(folder))
    .map((path) => PREVIOUS_FOLDER.exec(path)?.[1])
    .filter((name) => name !== undefined);
  for (const name of new Set(names)) await recoverFolder(join(folder, name));
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
}
