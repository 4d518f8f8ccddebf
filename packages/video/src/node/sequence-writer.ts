import * as fs from 'node:fs/promises';
import * as nodePath from 'node:path';
import { MediaError } from '@od-vae/core/base';
import { removeAbandoned } from '@od-vae/core/files';
import type { FrameSink, SinkOptions } from '../frame-sink.ts';
import { loadImageCodec } from '../image-codec.ts';
import { jpegQuality } from '../image-writer.ts';
import { parseSequencePattern, sequencePath } from '../sequence-pattern.ts';
import { targetError } from '../target-error.ts';
import { writeFileWhole } from './file-target.ts';

/** Whether a path is an existing folder. */
export async function isFolder(path: string): Promise<boolean> {
  return (await fs.stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/**
 * Writes images named by a pattern, counted from 1. A missing folder is made.
 *
 * Each image is complete as soon as it is there; an abort removes those that this writer wrote.
 */
export async function sequenceSink(pattern: string, format: 'png' | 'jpg', options: SinkOptions): Promise<FrameSink> {
  const parts = parseSequencePattern(pattern);
  if (!parts) {
    throw new MediaError(`createVideoWriter: "${pattern}" has no number such as %04d in its name.`);
  }
  const codec = await loadImageCodec();
  const made = await fs.mkdir(nodePath.dirname(pattern), { recursive: true }).catch((cause: unknown) => {
    throw targetError(`"${pattern}"`, cause);
  });
  await removeAbandoned(nodePath.dirname(pattern));
  const written: string[] = [];
  return {
    add: async (pixels) => {
      const path = sequencePath(parts, written.length + 1);
      const data = await codec.encode(pixels, format, jpegQuality(options.quality));
      await writeFileWhole(path, data);
      written.push(path);
    },
    finish: async () => undefined,
    abort: async () => {
      await Promise.all(written.map((path) => fs.rm(path, { force: true })));
      if (made !== undefined) {
        await fs.rm(made, { recursive: true, force: true });
      }
    },
  };
}
