export { extname, join, resolve } from 'node:path';
