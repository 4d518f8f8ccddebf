import { Interrupted } from './interrupted.ts';

/** A second signal within this time is the same key held down. */
const SAME_KEY_MS = 1000;

/** A signal that aborts with {@link Interrupted} on SIGINT or SIGTERM; asked again later, the process ends at once. */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  let asked: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (asked !== undefined && Date.now() - asked > SAME_KEY_MS) process.exit(130);
      asked ??= Date.now();
      controller.abort(new Interrupted(name));
    });
  }
  return controller.signal;
}
