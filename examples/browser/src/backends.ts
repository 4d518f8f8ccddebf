import { Cancelled, type Engine } from './engine.ts';
import { BACKENDS, type BackendName, type BackendStatus } from './protocol.ts';

/** Longest time that a backend may take to start. */
const START_LIMIT_MS = 20_000;

/** A backend that is running. */
interface StartedBackend {
  readonly name: BackendName;
  /** Why it is not the requested one. */
  readonly note: string | undefined;
}

/** The backends of the page: starts them, and falls back to the next one when one does not start. */
export class Backends {
  readonly #engine: Engine;
  readonly #show: (status: BackendStatus) => void;
  readonly #statuses = new Map<BackendName, BackendStatus>();
  readonly #probed: Promise<void>;

  /** @param show is called with the status of each backend whenever it changes */
  constructor(engine: Engine, show: (status: BackendStatus) => void) {
    [this.#engine, this.#show] = [engine, show];
    this.#probed = this.#probe();
  }

  /**
   * Starts the requested backend, or the fastest available one where that fails.
   *
   * @throws Error when no backend starts; Cancelled when the signal is aborted.
   */
  async start(requested: BackendName | 'auto', signal: AbortSignal): Promise<StartedBackend> {
    await this.#probed;
    const others = BACKENDS.filter((name) => name !== requested && this.#statuses.get(name)?.isSlow === false);
    const order = [...(requested === 'auto' ? [] : [requested]), ...others, 'cpu' as const];
    for (const name of order) {
      if (!this.#isAvailable(name)) continue;
      const status = await this.#start(name, signal);
      if (!status.available) continue;
      return { name, note: this.#explain(requested, name) };
    }
    throw new Error(`No backend starts in this browser. ${this.#statuses.get('cpu')?.detail ?? ''}`.trim());
  }

  #isAvailable(name: BackendName): boolean {
    return this.#statuses.get(name)?.available === true;
  }

  #explain(requested: BackendName | 'auto', name: BackendName): string | undefined {
    if (requested === 'auto' || requested === name) return undefined;
    return `The backend ${requested} did not start, so ${name} was used. ${this.#statuses.get(requested)!.detail}`;
  }

  async #probe(): Promise<void> {
    for (const name of BACKENDS) await this.#start(name);
  }

  async #start(name: BackendName, signal?: AbortSignal): Promise<BackendStatus> {
    let status: BackendStatus;
    try {
      status = await this.#engine.call('backend', name, { signal, limitMs: START_LIMIT_MS });
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      status = { name, available: false, isSlow: true, hasHalf: false, detail: (error as Error).message };
    }
    this.#statuses.set(name, status);
    this.#show(status);
    return status;
  }
}
