import type { Kernels } from '../choose-kernels.ts';

/** The first message to a worker. */
export interface WorkerGreeting {
  readonly kernels: Kernels;
  /** Shared: one of {@link WORKER_STATE}. */
  readonly state: Int32Array;
}

/** States of a worker, in shared memory because the waiting thread cannot receive messages. */
export const WORKER_STATE = { starting: 0, ready: 1, failed: 2 } as const;
