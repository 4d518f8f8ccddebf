import type { Dirent } from 'node:fs';

import { isHiddenName, MediaError } from '@od-vae/core/base';

const EXTENSIONS = [
  '.3g2 .3gp .asf .avi .flv .gif .m2ts .m2v .m4v .mkv .mov .mp4 .mpeg .mpg',
  '.mts .mxf .ogm .ogv .qt .ts .vob .webm .wmv .y4m',
].flatMap((line) => line.split(' '));

/** Options of {@link findVideos}. */
export interface FindVideosOptions {
  /** Called with each link that leads nowhere and each folder that cannot be read. */
  readonly onSkip?: ((path: string, reason: string) => void) | undefined;
}

/**
 * Lists all videos in a folder and its subfolders, sorted by path; Node only.
 *
 * Symbolic links to videos and folders are followed. Each video and each folder is used once, however many links lead to
 * it. Hidden files and folders are left out, such as the `._*` companions that macOS writes.
 *
 * @throws MediaError when there is no such folder, or no video in it
 */
export async function findVideos(folder: string, { onSkip = () => {} }: FindVideosOptions = {}): Promise<string[]> {
  const search = new VideoSearch(onSkip);
  await search.visit(folder).catch((cause: unknown) => {
    throw new MediaError(`findVideos: needs a folder, but "${folder}" cannot be read as one.`, { cause });
  });
  await search.followLinks();
  const paths = [...search.found.values()].toSorted();
  if (paths.length === 0) {
    const [dangling] = search.dangling;
    const reason = dangling === undefined ? '.' : `; the link "${dangling}" leads to no file.`;
    throw new MediaError(`findVideos: "${folder}" needs a video (${EXTENSIONS.join(', ')}), but has none${reason}`);
  }
  return paths;
}

/** Visits the folders themselves first and links afterwards, so that a video is listed under its own path if it has one. */
class VideoSearch {
  /** Path of each video by its real path. */
  readonly found = new Map<string, string>();
  readonly dangling: string[] = [];
  readonly #visited = new Set<string>();
  readonly #onSkip: NonNullable<FindVideosOptions['onSkip']>;
  #links: string[] = [];

  constructor(onSkip: NonNullable<FindVideosOptions['onSkip']>) {
    this.#onSkip = onSkip;
  }

  /** Lists a folder and its subfolders; rejects if the folder itself cannot be read. */
  async visit(folder: string): Promise<void> {
    const { readdir, realpath } = await import('#node/fs');
    const { join } = await import('#node/path');
    const real = await realpath(folder);
    if (this.#visited.has(real)) return;
    const entries = await readdir(real, { withFileTypes: true });
    this.#visited.add(real);
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (isHiddenName(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) this.#links.push(path);
      else if (entry.isDirectory()) await this.#visitOrSkip(path);
      else await this.#add(entry, path, join(real, entry.name));
    }
  }

  /** Follows the links found so far, and those in the folders that they lead to. */
  async followLinks(): Promise<void> {
    const { realpath, stat } = await import('#node/fs');
    while (this.#links.length > 0) {
      const links = this.#links.toSorted();
      this.#links = [];
      for (const path of links) {
        const target = await stat(path).catch((error: NodeJS.ErrnoException) => error);
        if (target instanceof Error) this.#skipLink(path, target);
        else if (target.isDirectory()) await this.#visitOrSkip(path);
        else await this.#add(target, path, await realpath(path));
      }
    }
  }

  async #visitOrSkip(folder: string): Promise<void> {
    await this.visit(folder).catch((cause: Error) => {
      this.#onSkip(folder, `"${folder}" cannot be read: ${cause.message}.`);
    });
  }

  #skipLink(path: string, { code, message }: NodeJS.ErrnoException): void {
    this.dangling.push(path);
    const reason = code === 'ENOENT' ? 'leads to no file' : code === 'ELOOP' ? 'leads to itself' : `fails: ${message}`;
    this.#onSkip(path, `the link "${path}" ${reason}.`);
  }

  async #add(entry: Pick<Dirent, 'isFile'>, path: string, real: string): Promise<void> {
    const { extname } = await import('#node/path');
    if (!entry.isFile() || !EXTENSIONS.includes(extname(path).toLowerCase())) return;
    if (!this.found.has(real)) this.found.set(real, path);
  }
}
