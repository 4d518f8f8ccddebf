import { BackendError } from '@od-vae/core';

import type { Kernels } from '../choose-kernels.ts';
import { collectGarbage } from '../engine-flags.ts';
import { CAN_SHARE } from '../shared-floats.ts';
import { type Call, COUNTER, takeJobs, type TaskArguments, type TaskName } from '../tasks/tasks.ts';
import { Workspace } from '../workspace.ts';
import { startWorker, type WorkerHandle } from './start-worker.ts';

/** Options of {@link ThreadPool}. */
export interface ThreadPoolOptions {
  /** Threads that compute, the calling one included. */
  threads: number;
  kernels: Kernels;
  /** Milliseconds without progress after which a worker counts as dead; 30 s unless given. */
  patience?: number | undefined;
  /** The program of a worker. */
  program?: URL | undefined;
}

/** Milliseconds below which a call is computed by the calling thread alone: workers would wake up when it is done. */
const QUICK = 0.3;
/** Kinds of calls whose time is remembered. */
const KINDS = 4096;
/** Milliseconds after which a waiting thread looks again. */
const LONGEST_PAUSE = 100;
/** V8 tells a worker in 32 bits where an array begins and how long its memory is; arrays of longer memory never arrive. */
const LONGEST_SENT = 2 ** 32 - 1;

/** Threads that share the jobs of a call; the calling thread works too. Idle workers sleep and do not keep a process alive. */
export class ThreadPool {
  readonly #space: Workspace;
  readonly #options: ThreadPoolOptions;
  #workers: WorkerHandle[] = [];
  #failure: string | undefined;
  /** Milliseconds that the last call of each kind took. */
  readonly #took = new Map<string, number>();
  /** Workers that did not start, as in a bundle without their program; the others compute without them. */
  #missing = 0;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#space = new Workspace(options.kernels.module, options.kernels.block);
  }

  /** Threads that compute. */
  get threads(): number {
    return CAN_SHARE ? this.#options.threads : 1;
  }

  /** Scratch memory of the calling thread, in bytes; that of each worker is of the same order. */
  get scratchBytes(): number {
    return this.#space.bytes;
  }

  /** Starts the workers, if they do not run yet; calls before they answer are computed without them. */
  start(): void {
    const { kernels, program, threads } = this.#options;
    if (!CAN_SHARE) return;
    for (let index = this.#workers.length; index < threads - 1 - this.#missing; index++) {
      const worker = startWorker({ kernels, program, onFailure: (reason) => this.#fail(worker, reason) });
      this.#workers.push(worker);
    }
  }

  /** Starts the workers and resolves when all take calls: for measurements, and for the first call to be quick. */
  async started(): Promise<void> {
    this.start();
    while (!this.#workers.every((worker) => worker.ready())) {
      this.#throwFailure();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /**
   * Runs all jobs of a task and returns when they are done.
   *
   * @throws BackendError when a worker failed or died; the next call starts new ones.
   */
  run<Name extends TaskName>(name: Name, inputs: TaskArguments<Name>, jobs: number): void {
    if (jobs > 1) this.start();
    this.#throwFailure();
    if (jobs <= 1) {
      this.#compute(name, inputs, jobs, []);
      return;
    }
    const kind = `${name} ${jobs} ${sizeOfArrays(inputs)}`;
    const isAlone = (this.#took.get(kind) ?? Infinity) < QUICK || !canSend(inputs);
    const workers = isAlone ? [] : this.#workers.filter((worker) => worker.ready()).slice(0, jobs - 1);
    const began = performance.now();
    this.#compute(name, inputs, jobs, workers);
    if (this.#took.size > KINDS) this.#took.clear();
    this.#took.set(kind, performance.now() - began);
  }

  #compute<Name extends TaskName>(
    name: Name,
    inputs: TaskArguments<Name>,
    jobs: number,
    workers: readonly WorkerHandle[],
  ): void {
    const counters = new Int32Array(CAN_SHARE ? new SharedArrayBuffer(8) : new ArrayBuffer(8));
    const call: Call = { name, inputs, jobs, counters };
    for (const worker of workers) worker.post(call);
    takeJobs(this.#space, call);
    this.#wait(counters, jobs);
  }

  /** Frees what no thread reaches any more, where the engine can be asked to. */
  collectGarbage(): void {
    collectGarbage();
    const call: Call = { name: 'collection', inputs: {}, jobs: 0, counters: new Int32Array(2) };
    for (const worker of this.#workers) if (worker.ready()) worker.post(call);
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    await Promise.all(workers.map((worker) => worker.end()));
  }

  #wait(counters: Int32Array, jobs: number): void {
    const { patience = 30_000 } = this.#options;
    let latest = Atomics.load(counters, COUNTER.done);
    let waited = 0;
    let now = performance.now();
    while (latest < jobs) {
      pause(counters, latest);
      // A machine that slept, or a process that was stopped, has not waited: its workers stood still too.
      const before = now;
      now = performance.now();
      waited += Math.min(now - before, LONGEST_PAUSE);
      const done = Atomics.load(counters, COUNTER.done);
      if (done !== latest) {
        latest = done;
        waited = 0;
      } else if (this.#workers.some((worker) => worker.failed()) || waited > patience) {
        this.#failure ??= `${jobs - done} of ${jobs} jobs were taken and not finished`;
        this.#throwFailure();
      }
    }
  }

  #fail(worker: WorkerHandle, reason: string): void {
    if (!this.#workers.includes(worker)) return;
    if (worker.started()) {
      this.#failure = reason;
      return;
    }
    this.#workers = this.#workers.filter((other) => other !== worker);
    this.#missing += 1;
  }

  #throwFailure(): void {
    const reason = this.#failure;
    if (reason === undefined) return;
    this.#failure = undefined;
    void this.close();
    throw new BackendError(`simd: a worker thread failed: ${reason}; the next call starts new ones.`);
  }
}

/** Numbers in all tensors of a call, by which calls of one task that take different times are told apart. */
function sizeOfArrays(inputs: object): number {
  let size = 0;
  for (const value of Object.values(inputs)) if (value instanceof Float32Array) size += value.length;
  return size;
}

function canSend(inputs: object): boolean {
  return Object.values(inputs).every((value) => !ArrayBuffer.isView(value) || value.buffer.byteLength <= LONGEST_SENT);
}

/** Sleeps until the count of finished jobs moves on, where this thread may sleep; a page's main thread may not. */
function pause(counters: Int32Array, value: number): void {
  if (typeof document !== 'undefined') return;
  Atomics.wait(counters, COUNTER.done, value, LONGEST_PAUSE);
}
