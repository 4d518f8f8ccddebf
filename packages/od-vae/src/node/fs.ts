export * from 'node:fs/promises';
