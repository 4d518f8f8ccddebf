// npm run page [-- --port 4173] [-- --build]: builds the page and serves it to this machine.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { build } from 'vite';

import { serveFolders } from './serve-folders.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '4173' }, build: { type: 'boolean', default: false } },
});
const folder = fileURLToPath(new URL('../../examples/browser', import.meta.url));
await build({ root: folder, logLevel: 'error' });
console.log('built: examples/browser/dist, for any static host');
if (!values.build) {
  const { address } = await serveFolders({ '/': `${folder}/dist/` }, { port: Number(values.port) });
  console.log(`open ${address} (Ctrl-C ends it)`);
}
