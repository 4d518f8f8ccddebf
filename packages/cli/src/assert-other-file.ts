import { realpath } from 'node:fs/promises';

import { UsageError } from './usage-error.ts';

/**
 * Refuses an output that is the input.
 *
 * @throws UsageError that names the file
 */
export async function assertOtherFile(input: string, output: string): Promise<void> {
  const [source, target] = await Promise.all([input, output].map((path) => realpath(path).catch(() => undefined)));
  if (source !== undefined && source === target) {
    throw new UsageError(`the output must be another file than the input, but both are "${output}".`);
  }
}
