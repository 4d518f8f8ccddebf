// Starts the fastest available backend when it is imported: `import 'od-vae/auto'`. Prints nothing.
import { useBestBackend } from './backend.ts';

/**
 * Resolves to the name of the backend once it is started, and rejects when none starts.
 *
 * Models wait for it by themselves. Await it before creating tensors without a model. It is a promise because a
 * top-level `await` would break `require` and classic worker bundles.
 */
export const backend: Promise<string> = useBestBackend();
// Models that are loaded later report the error.
backend.catch(() => undefined);
