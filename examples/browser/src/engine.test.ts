import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Cancelled, Engine } from './engine.ts';
import type { Calls, ToWorker } from './protocol.ts';

/** A worker that hears everything and answers only when a test has it do so. */
class SilentWorker extends EventTarget {
  static readonly started: SilentWorker[] = [];
  readonly heard: ToWorker[] = [];
  isEnded = false;

  constructor() {
    super();
    SilentWorker.started.push(this);
  }

  postMessage(message: ToWorker): void {
    this.heard.push(message);
  }

  terminate(): void {
    this.isEnded = true;
  }

  answer(message: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: message }));
  }
}

const request = {} as Calls['run']['request'];
const toSave = {} as Calls['latents']['request'];

/** Its first call is cancelled, and the worker has not answered. */
async function engineWithCancelledRun(): Promise<Engine> {
  const engine = new Engine();
  const controller = new AbortController();
  const run = engine.call('run', request, { signal: controller.signal });
  controller.abort();
  await expect(run).rejects.toThrow(Cancelled);
  return engine;
}

describe('the worker that computes', () => {
  beforeEach(() => {
    SilentWorker.started.length = 0;
    vi.useFakeTimers();
    vi.stubGlobal('Worker', SilentWorker);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is kept when it stops in time', async () => {
    const engine = await engineWithCancelledRun();
    SilentWorker.started[0]!.answer({ id: 0, error: 'It was aborted.', isBroken: false });
    vi.runAllTimers();
    const second = engine.call('latents', toSave);
    SilentWorker.started[0]!.answer({ id: 1, result: 'saved' });
    await expect(second).resolves.toBe('saved');
    expect(SilentWorker.started).toHaveLength(1);
  });

  it('is replaced when it does not stop, and what was asked for meanwhile begins again in the next one', async () => {
    const engine = await engineWithCancelledRun();
    const second = engine.call('run', request);
    vi.runAllTimers();
    const [old, next] = SilentWorker.started;
    expect(old!.isEnded).toBe(true);
    expect(next!.heard).toEqual([{ id: 1, name: 'run', request }]);
    next!.answer({ id: 1, result: 'a report' });
    await expect(second).resolves.toBe('a report');
  });

  it('is replaced when it says that nothing will work any more', async () => {
    const engine = new Engine();
    const first = engine.call('run', request);
    SilentWorker.started[0]!.answer({ id: 0, error: 'The device is lost.', isBroken: true });
    await expect(first).rejects.toThrow('The device is lost.');
    expect(SilentWorker.started[0]!.isEnded).toBe(true);
    const second = engine.call('latents', toSave);
    SilentWorker.started[1]!.answer({ id: 1, result: 'saved' });
    await expect(second).resolves.toBe('saved');
  });

  it('is replaced when a call takes longer than its limit, counted from its turn, and the next call goes on', async () => {
    const engine = new Engine();
    const slow = engine.call('backend', 'webgpu', { limitMs: 1000 });
    const next = engine.call('backend', 'simd', { limitMs: 1000 });
    const [old] = SilentWorker.started;
    vi.advanceTimersByTime(5000);
    expect(old!.isEnded).toBe(false);
    old!.answer({ id: 0, started: true });
    const failed = expect(slow).rejects.toThrow('no answer within 1 seconds');
    vi.advanceTimersByTime(1000);
    await failed;
    expect(old!.isEnded).toBe(true);
    SilentWorker.started[1]!.answer({ id: 1, started: true });
    SilentWorker.started[1]!.answer({ id: 1, result: 'a status' });
    vi.runAllTimers();
    await expect(next).resolves.toBe('a status');
    expect(SilentWorker.started).toHaveLength(2);
  });

  it('is not asked for a call that is cancelled already', async () => {
    const engine = new Engine();
    await expect(engine.call('run', request, { signal: AbortSignal.abort() })).rejects.toThrow(Cancelled);
    expect(SilentWorker.started).toHaveLength(0);
  });

  it('fails every call when it breaks, and is started anew by the next one', async () => {
    const engine = new Engine();
    const calls = [engine.call('backend', 'simd'), engine.call('run', request)];
    SilentWorker.started[0]!.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
    for (const call of calls) await expect(call).rejects.toThrow('stopped: out of memory');
    void engine.call('backend', 'simd');
    expect(SilentWorker.started).toHaveLength(2);
  });
});
