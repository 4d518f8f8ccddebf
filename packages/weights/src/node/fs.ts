export { stat } from 'node:fs/promises';
