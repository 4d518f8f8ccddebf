import { createHash } from 'node:crypto';

import type { Plugin } from 'vite';

const SERVICE_WORKER = 'service-worker.js';

/** Tells the service worker what the build consists of, and gives it other bytes whenever that changes. */
export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[SERVICE_WORKER];
        // Workers of the page are built by themselves, without it.
        if (worker?.type !== 'chunk') return;
        if (worker.imports.length > 0) this.error(`${SERVICE_WORKER} must stand alone, but imports ${worker.imports}.`);
        const files = Object.keys(bundle)
          .filter((name) => name !== SERVICE_WORKER && !name.endsWith('.map'))
          .toSorted();
        const sizes: Record<string, number> = {};
        const version = createHash('sha256');
        for (const name of files) {
          const file = bundle[name]!;
          const content = file.type === 'chunk' ? file.code : file.source;
          version.update(name).update(content);
          sizes[name] = Buffer.byteLength(content);
        }
        const build = { version: version.digest('hex').slice(0, 16), files, sizes };
        worker.code = `const BUILD = ${JSON.stringify(build)};\n${worker.code}`;
      },
    },
  };
}
