import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { folder } from './open-page.ts';

const dist = join(folder, 'dist');

describe('the built page', () => {
  it('has less than 1.5 MB of script, gzipped, before the model', () => {
    const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
    const bytes = scripts.map((name) => gzipSync(readFileSync(join(dist, name))).length);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_500_000);
    expect(scripts.length).toBeGreaterThan(3);
  });

  it('names no address that starts at the root, so that it runs under any path', () => {
    expect(readFileSync(join(dist, 'index.html'), 'utf8')).not.toMatch(/(?:src|href)="\//);
  });

  it('tells its service worker every file', () => {
    const [, list] = /^const BUILD = (\{.*\});/.exec(readFileSync(join(dist, 'service-worker.js'), 'utf8'))!;
    const { files } = JSON.parse(list!) as { files: string[] };
    const built = readdirSync(dist, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'service-worker.js')
      .map((entry) => join(entry.parentPath, entry.name).slice(dist.length + 1));
    expect(files.toSorted()).toEqual(built.toSorted());
  });
});
