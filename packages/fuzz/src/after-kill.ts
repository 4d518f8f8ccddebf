import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a command that was killed left behind. */
export type Remains =
  /** Nothing under the names of its output. */
  | 'absent'
  /** Nothing under those names, and parts that the command goes on from with `--resume`. */
  | 'resumable'
  /** Everything, byte for byte. */
  | 'complete'
  /** Anything else, which must not be. */
  | 'broken';

/** Names of files that are still being written. */
const TEMPORARY = /^\..+\.tmp$/;

/** Settings of a job beside the parts of it that are done. */
const JOB_SETTINGS = /(?:^|\/)job\.json$/;

/**
 * Looks at the folder of a command that was killed.
 *
 * @param whole the files that the command makes when it is left alone, by their paths in the folder
 */
export async function afterKill(
  folder: string,
  whole: ReadonlyMap<string, Uint8Array>,
): Promise<{ remains: Remains; temporary: number }> {
  const there = await filesIn(folder);
  const outputs = there.filter((path) => whole.has(path));
  const job = there.find((path) => JOB_SETTINGS.test(path));
  const jobFolder = job?.slice(0, -'job.json'.length);
  const temporary = there.filter((path) => TEMPORARY.test(path.split('/').at(-1)!));
  const strange = there.filter(
    (path) => !whole.has(path) && !temporary.includes(path) && !(jobFolder && path.startsWith(jobFolder)),
  );
  const same = await Promise.all(
    outputs.map(async (path) => Buffer.compare(await readFile(join(folder, path)), whole.get(path)!) === 0),
  );
  const remains = (): Remains => {
    if (strange.length > 0 || same.includes(false)) return 'broken';
    if (outputs.length === whole.size) return 'complete';
    if (outputs.length > 0) return 'broken';
    return job === undefined ? 'absent' : 'resumable';
  };
  return { remains: remains(), temporary: temporary.length };
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
