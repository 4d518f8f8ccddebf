import { type Call, takeJobs } from '../tasks/tasks.ts';
import { Workspace } from '../workspace.ts';
import { WORKER_STATE, type WorkerGreeting } from './worker-state.ts';

/** Compiles the kernels, says that it is ready, and gives what takes part in calls. */
function serve({ kernels, state }: WorkerGreeting): (call: Call) => void {
  const space = new Workspace(kernels.module, kernels.block);
  Atomics.store(state, 0, WORKER_STATE.ready);
  return (call) => {
    try {
      takeJobs(space, call);
    } catch (error) {
      Atomics.store(state, 0, WORKER_STATE.failed);
      throw error;
    }
  };
}

/** Without this a worker that cannot read its calls is only slow, and nobody hears of it. */
function unreadable(): never {
  throw new Error('a call cannot be read');
}

const threads = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:worker_threads');
if (threads?.parentPort) {
  const take = serve(threads.workerData as WorkerGreeting);
  threads.parentPort.on('message', take);
  threads.parentPort.on('messageerror', unreadable);
} else {
  globalThis.addEventListener('messageerror', unreadable);
  globalThis.addEventListener(
    'message',
    ({ data }: MessageEvent<WorkerGreeting>) => {
      const take = serve(data);
      globalThis.addEventListener('message', (event: MessageEvent<Call>) => take(event.data));
    },
    { once: true },
  );
}
