import * as fs from 'node:fs/promises';
import * as nodePath from 'node:path';
import { MediaError } from '@od-vae/core/base';
import type { FrameSink, SinkOptions } from '../frame-sink.ts';
import { loadImageCodec } from '../image-codec.ts';
import { jpegQuality } from '../image-writer.ts';
import { parseSequencePattern, sequencePath } from '../sequence-pattern.ts';
import { targetError } from '../target-error.ts';
import { openImageSwap } from './image-swap.ts';

/** Whether a path is an existing folder. */
export async function isFolder(path: string): Promise<boolean> {
  return (await fs.stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/**
 * Writes images named by a pattern, counted from 1. A missing folder is created.
 *
 * The images are written to a hidden folder and moved to their places when all of them are there. They replace the
 * sequence that the pattern named before: files 1, 2, … up to the first missing number. All other files stay.
 */
export async function sequenceSink(pattern: string, format: 'png' | 'jpg', options: SinkOptions): Promise<FrameSink> {
  const parts = parseSequencePattern(pattern);
  if (!parts) {
    throw new MediaError(`createVideoWriter: "${pattern}" has no number such as %04d in its name.`);
  }
  const codec = await loadImageCodec();
  const folder = nodePath.dirname(pattern);
  const nameAt = (number: number) => nodePath.basename(sequencePath(parts, number));
  const failed = (cause: unknown) => {
    throw targetError(`"${pattern}"`, cause);
  };
  const created = await fs.mkdir(folder, { recursive: true }).catch(failed);
  const swap = await openImageSwap(folder).catch(failed);
  let count = 0;
  return {
    add: async (pixels) => {
      const data = await codec.encode(pixels, format, jpegQuality(options.quality));
      await fs.writeFile(nodePath.join(swap.path, nameAt(count + 1)), data, { flag: 'wx' });
      count += 1;
    },
    finish: async () => swap.commit(namesAfter(count, new Set(await fs.readdir(folder)), nameAt)),
    abort: async () => {
      await swap.discard();
      if (created !== undefined) await removeEmpty(folder, created);
    },
  };
}

/** Lists the existing names after a number, up to the first that is missing. */
function namesAfter(count: number, existing: ReadonlySet<string>, nameAt: (number: number) => string): string[] {
  const names: string[] = [];
  for (let number = count + 1; existing.has(nameAt(number)); number += 1) names.push(nameAt(number));
  return names;
}

/** Removes a folder and those around it up to `top`, as long as they are empty. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  const last = nodePath.resolve(top);
  for (let path = nodePath.resolve(folder); ; path = nodePath.dirname(path)) {
    const removed = await fs.rmdir(path).then(
      () => true,
      () => false,
    );
    if (!removed || path === last) return;
  }
}
