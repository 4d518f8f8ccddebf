import type { Kernels } from '../choose-kernels.ts';
import type { Call } from '../tasks/tasks.ts';
import { WORKER_STATE, type WorkerGreeting } from './worker-state.ts';

/** A worker thread as the pool sees it. */
export interface WorkerHandle {
  /** Whether its kernels are compiled and it takes calls. */
  ready(): boolean;
  /** Whether it ever took calls. */
  started(): boolean;
  /** Whether a job threw in it. */
  failed(): boolean;
  post(call: Call): void;
  end(): Promise<void>;
}

/** The compiled worker: Node 20 runs no TypeScript, and this module may itself run from source. */
const NODE_PROGRAM = '../../dist/threads/worker.js';

/** Options of {@link startWorker}. */
export interface StartWorkerOptions {
  kernels: Kernels;
  /** Another program for workers of Node. */
  program?: URL | undefined;
  onFailure(reason: string): void;
}

/** Starts a worker of Node or of a page. */
export function startWorker({ kernels, program, onFailure }: StartWorkerOptions): WorkerHandle {
  const state = new Int32Array(new SharedArrayBuffer(4));
  const greeting: WorkerGreeting = { kernels, state };
  const threads = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:worker_threads');
  const shared = {
    ready: () => Atomics.load(state, 0) === WORKER_STATE.ready,
    started: () => Atomics.load(state, 0) !== WORKER_STATE.starting,
    failed: () => Atomics.load(state, 0) === WORKER_STATE.failed,
  };
  if (threads) {
    // webpack warns about `new URL(variable, import.meta.url)`.
    const thisModule = import.meta.url;
    const worker = new threads.Worker(program ?? new URL(NODE_PROGRAM, thisModule), {
      workerData: greeting,
      execArgv: [],
    });
    worker.unref();
    worker.on('error', (error) => onFailure(String(error)));
    worker.on('exit', (code) => onFailure(`it ended with code ${code}`));
    return { ...shared, post: (call) => worker.postMessage(call), end: async () => void (await worker.terminate()) };
  }
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.addEventListener('error', ({ message }) => onFailure(message));
  worker.postMessage(greeting);
  return { ...shared, post: (call) => worker.postMessage(call), end: async () => worker.terminate() };
}
