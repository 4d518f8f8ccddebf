import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';

import { UsageError } from './usage-error.ts';

/**
 * Refuses an output that is the input.
 *
 * @throws UsageError that names the file
 */
export async function assertOtherFile(input: string, output: string): Promise<void> {
  // A pattern of numbered images is no file, but the same pattern is the same images.
  const [source, target] = await Promise.all([input, output].map((path) => realpath(path).catch(() => resolve(path))));
  if (source === target) {
    throw new UsageError(`the output must be another file than the input, but both are "${output}".`);
  }
}
