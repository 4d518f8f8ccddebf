export { mkdir, open, readFile, readdir, realpath, stat } from 'node:fs/promises';
