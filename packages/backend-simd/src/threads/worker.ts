import { type Call, takeJobs } from '../tasks/tasks.ts';
import { Workspace } from '../workspace.ts';
import { WORKER_STATE, type WorkerGreeting } from './start-worker.ts';

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

const threads = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:worker_threads');
if (threads?.parentPort) {
  const take = serve(threads.workerData as WorkerGreeting);
  threads.parentPort.on('message', take);
  // Without this a worker that understands no call is only slow, and nobody hears of it.
  threads.parentPort.on('messageerror', (error) => {
    throw error;
  });
} else {
  globalThis.addEventListener(
    'message',
    ({ data }: MessageEvent<WorkerGreeting>) => {
      const take = serve(data);
      globalThis.addEventListener('message', (event: MessageEvent<Call>) => take(event.data));
    },
    { once: true },
  );
}
