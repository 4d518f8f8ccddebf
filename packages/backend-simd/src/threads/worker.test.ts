import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

/** Adds the addresses of all modules that a module imports, directly or not. */
async function addImports(url: URL, found: Set<string>): Promise<Set<string>> {
  if (found.has(url.href)) return found;
  found.add(url.href);
  const code = (await readFile(url, 'utf8')).replaceAll(/^import type .*$/gm, '');
  for (const [, path] of code.matchAll(/ from '(\.[^']+)'/g)) await addImports(new URL(path!, url), found);
  return found;
}

it('does not import the module that starts it: Turbopack would bundle workers of workers without an end', async () => {
  const modules = await addImports(new URL('worker.ts', import.meta.url), new Set());
  expect(modules).toContain(new URL('worker-state.ts', import.meta.url).href);
  expect(modules).not.toContain(new URL('start-worker.ts', import.meta.url).href);
});
