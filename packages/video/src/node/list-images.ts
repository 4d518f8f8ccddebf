import * as fs from 'node:fs/promises';
import * as nodePath from 'node:path';
import { isHiddenName, MediaError } from '@od-vae/core/base';
import { parseSequencePattern } from '../sequence-pattern.ts';
import { pendingSwap } from './image-swap.ts';

const IMAGE_NAME = /\.(a?png|jpe?g|jfif|webp|bmp|tiff?|avif|hei[cf]|jxl)$/i;

/** The last number of a name without its extension, with the text around it. */
const NUMBERED = /^(.*?)(\d+)(\D*)$/s;

/** The images of a sequence, in their order. */
export interface ImageList {
  readonly paths: readonly string[];
  /** Remarks for the user, such as missing numbers. */
  readonly notes: readonly string[];
}

/**
 * Lists the images of a folder or of a pattern such as `name-%04d.png`; undefined where the path is a plain file.
 *
 * A file of exactly that name is read as a file, and so is a pattern without the extension of an image. Hidden files are
 * left out.
 *
 * @throws MediaError when there is no image, or when two images are the same frame (`f1.png` and `f1.jpg`)
 */
export async function listImages(path: string): Promise<ImageList | undefined> {
  const found = await fs.stat(path).catch(() => undefined);
  const isFolder = found?.isDirectory() ?? false;
  const pattern = found || !IMAGE_NAME.test(path) ? undefined : parseSequencePattern(path);
  if (!isFolder && !pattern) {
    return undefined;
  }
  const folder = isFolder ? path : nodePath.dirname(path);
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const pending = pendingSwap(entries.map(({ name }) => name));
  if (pending !== undefined) {
    throw new MediaError(
      `openVideo: the images of "${path}" must be complete, but they were being replaced by others from ` +
        `"${nodePath.join(folder, pending)}"; wait for that process, or write the images again.`,
    );
  }
  const names = pattern
    ? matching(files, nodePath.basename(path))
    : files.filter((name) => IMAGE_NAME.test(name) && !isHiddenName(name));
  if (names.length === 0) {
    throw new MediaError(`openVideo: "${path}" has no ${pattern ? 'file of this pattern' : 'image in it'}.`);
  }
  const byNumber = new Intl.Collator('en', { numeric: true });
  const sorted = names.toSorted((left, right) => byNumber.compare(left, right));
  assertOneImageEach(path, sorted);
  return { paths: sorted.map((name) => nodePath.join(folder, name)), notes: remarks(path, sorted) };
}

function matching(names: readonly string[], patternName: string): string[] {
  const { before, digits, after } = parseSequencePattern(patternName)!;
  return names.filter((name) => {
    const middle = name.slice(before.length, name.length - after.length);
    return name.startsWith(before) && name.endsWith(after) && /^\d+$/.test(middle) && middle.length >= digits;
  });
}

/** Refuses names that differ only in extension, case, leading zeros or a sign, as their order is not known. */
function assertOneImageEach(path: string, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const stem = withoutExtension(name).toLowerCase();
    const frame = stem.replaceAll(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, ''));
    const other = seen.get(frame);
    if (other !== undefined) {
      throw new MediaError(
        `openVideo: "${path}" must have one image for each frame, but "${other}" and "${name}" are the same frame; ` +
          'move one of them away, or name a pattern such as frame-%04d.png.',
      );
    }
    seen.set(frame, name);
  }
  assertNoSigns(path, names);
}

/** Refuses `a-1.png` beside `a1.png`: the dash may be a minus. */
function assertNoSigns(path: string, names: readonly string[]): void {
  const unsigned = new Map<string, string>();
  for (const name of names) {
    const [, before] = NUMBERED.exec(withoutExtension(name)) ?? [];
    if (before !== undefined && !before.endsWith('-')) unsigned.set(before, name);
  }
  for (const name of names) {
    const [, before] = NUMBERED.exec(withoutExtension(name)) ?? [];
    const positive = before?.endsWith('-') ? unsigned.get(before.slice(0, -1)) : undefined;
    if (positive !== undefined) {
      throw new MediaError(
        `openVideo: "${path}" must have images whose order is clear, but "${name}" may be before or after ` +
          `"${positive}"; rename them with numbers from 0 on.`,
      );
    }
  }
}

function withoutExtension(name: string): string {
  return name.slice(0, name.length - nodePath.extname(name).length);
}

/** Reports numbers that are missing, and several sequences in one folder. */
function remarks(path: string, names: readonly string[]): string[] {
  const runs = new Map<string, { name: string; number: number }[]>();
  for (const name of names) {
    const [, before, digits, after] = NUMBERED.exec(withoutExtension(name)) ?? [];
    if (before === undefined) continue;
    const key = `${before}/${after}`;
    const run = runs.get(key) ?? [];
    run.push({ name, number: Number(digits) });
    runs.set(key, run);
  }
  const numbered = [...runs.values()].filter((run) => run.length > 1);
  const notes = numbered.flatMap((run) => missingNumbers(path, run));
  if (numbered.length > 1) {
    const firsts = numbered.slice(0, 3).map(([first]) => `"${first!.name}"`);
    notes.push(
      `"${path}" has ${numbered.length} numbered sequences (beginning with ${firsts.join(', ')}), which are read one after the other.`,
    );
  }
  return notes;
}

function missingNumbers(path: string, run: readonly { name: string; number: number }[]): string[] {
  const steps = run.slice(1).map(({ number }, index) => number - run[index]!.number);
  const step = steps.reduce((least, next) => Math.min(least, next));
  const at = steps.findIndex((one) => one > step);
  if (at < 0) return [];
  const missing = steps.reduce((sum, one) => sum + Math.round(one / step) - 1, 0);
  return [
    `"${path}" lacks ${missing} ${missing === 1 ? 'number' : 'numbers'}, the first between "${run[at]!.name}" and ` +
      `"${run[at + 1]!.name}"; its images are read as consecutive frames.`,
  ];
}
