// Chooses the quickest backend that answers, once, without a word: `import 'od-vae/auto'`.
import { useBestBackend } from './backend.ts';

/** The name of the chosen backend. */
export const backend: string = await useBestBackend();
