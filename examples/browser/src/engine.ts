import type { Calls, FromWorker, ToWorker } from './protocol.ts';

/** How long a worker may go on after it was asked to stop; then it is ended, whatever it does. */
const PATIENCE_MS = 400;

/** What a cancelled call throws. */
export class Cancelled extends Error {
  constructor() {
    super('Cancelled.');
    this.name = 'Cancelled';
  }
}

/** Options of {@link Engine.call}. */
interface CallOptions<Name extends keyof Calls> {
  onEvent?: ((event: Calls[Name]['event']) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Longest time that the call may take once its turn has come; then it fails and the worker is replaced. */
  limitMs?: number | undefined;
}

interface Pending {
  readonly message: ToWorker;
  readonly signal: AbortSignal | undefined;
  readonly limitMs: number | undefined;
  readonly event: (event: never) => void;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** The worker that computes, started when it is first needed. */
export class Engine {
  #worker: Worker | undefined;
  #pending = new Map<number, Pending>();
  #next = 0;

  /**
   * Has the worker do something.
   *
   * @throws Cancelled as soon as the signal says so; Error with a sentence when the worker fails.
   */
  call<Name extends keyof Calls>(
    name: Name,
    request: Calls[Name]['request'],
    { onEvent = () => {}, signal, limitMs }: CallOptions<Name> = {},
  ): Promise<Calls[Name]['result']> {
    const id = this.#next++;
    const message = { id, name, request } as ToWorker;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new Cancelled());
        return;
      }
      const cancel = (): void => {
        if (!this.#pending.has(id)) return;
        this.#worker?.postMessage({ id, name: 'cancel' } satisfies ToWorker);
        reject(new Cancelled());
        setTimeout(() => this.#pending.has(id) && this.#replaceWorker(), PATIENCE_MS);
      };
      // A cancelled call stays pending until the worker has really stopped.
      const event = (told: Calls[Name]['event']): void => {
        if (!signal?.aborted) onEvent(told);
      };
      this.#pending.set(id, { message, signal, limitMs, event, resolve, reject });
      signal?.addEventListener('abort', cancel, { once: true });
      this.#worker ??= this.#start();
      this.#worker.postMessage(message);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.#receive(data));
    worker.addEventListener('error', ({ message }) =>
      this.#fail(
        worker,
        new Error(`The part of the page that computes stopped: ${message || 'it could not be loaded'}.`),
      ),
    );
    return worker;
  }

  #receive(message: FromWorker): void {
    const call = this.#pending.get(message.id);
    if (!call) return;
    if ('started' in message) {
      this.#limit(message.id, call);
      return;
    }
    if ('event' in message) {
      call.event(message.event as never);
      return;
    }
    this.#pending.delete(message.id);
    if ('error' in message) {
      call.reject(new Error(message.error));
      if (message.isBroken) this.#replaceWorker();
    } else call.resolve(message.result as never);
  }

  /** Fails a call that takes too long: the worker may be blocked, so that another one is needed. */
  #limit(id: number, { limitMs, reject }: Pending): void {
    const worker = this.#worker;
    if (limitMs === undefined) return;
    setTimeout(() => {
      if (this.#worker !== worker || !this.#pending.delete(id)) return;
      reject(new Error(`There was no answer within ${limitMs / 1000} seconds.`));
      this.#replaceWorker();
    }, limitMs);
  }

  /** Starts another worker for the next call if none is running, so that a new service worker receives its requests. */
  renew(): void {
    if (this.#pending.size === 0) this.#replaceWorker();
  }

  /** Ends a worker that does not stop or cannot go on; what it had not been told to cancel begins again in the next one. */
  #replaceWorker(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const [id, { signal }] of this.#pending) if (signal?.aborted) this.#pending.delete(id);
    if (this.#pending.size === 0) return;
    this.#worker = this.#start();
    for (const { message } of this.#pending.values()) this.#worker.postMessage(message);
  }

  #fail(worker: Worker, error: Error): void {
    worker.terminate();
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const call of this.#pending.values()) call.reject(error);
    this.#pending.clear();
  }
}
