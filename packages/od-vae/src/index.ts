export { currentBackend, useBackend, useBestBackend } from './backend.ts';
