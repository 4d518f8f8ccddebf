// Everything that takes long happens here, so that the page never waits.
import 'od-vae/webgpu';
import { backend, getBackend } from '@tensorflow/tfjs-core';

import type { Calls, FromWorker, ToWorker } from '../protocol.ts';
import { explainError } from './explain-error.ts';
import { run } from './run.ts';
import { saveLatents } from './save-latents.ts';
import { saveVideo } from './save-video.ts';
import { startBackend } from './start-backend.ts';

type Answer<Name extends keyof Calls> = (
  request: Calls[Name]['request'],
  tell: (event: Calls[Name]['event'], transfer?: Transferable[]) => void,
  signal: AbortSignal,
) => Promise<Calls[Name]['result']>;

const ANSWERS: { readonly [Name in keyof Calls]: Answer<Name> } = {
  backend: startBackend,
  run,
  latents: saveLatents,
  video: (request, _, signal) => saveVideo(request, signal),
};

const running = new Map<number, AbortController>();

/** Calls take turns: all of them share one backend and one model. */
let turn: Promise<unknown> = Promise.resolve();

globalThis.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.name === 'cancel') running.get(data.id)?.abort();
  else void answer(data.id, ANSWERS[data.name] as Answer<keyof Calls>, data.request);
});

async function answer(id: number, work: Answer<keyof Calls>, request: Calls[keyof Calls]['request']): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  const send = (message: FromWorker, transfer: Transferable[] = []) => postMessage(message, { transfer });
  const own = turn.then(() => {
    controller.signal.throwIfAborted();
    send({ id, started: true });
    return work(request, (event, transfer) => send({ id, event }, transfer), controller.signal);
  });
  turn = own.catch(() => undefined);
  try {
    send({ id, result: await own });
  } catch (error) {
    send({ id, error: explainError(error), isBroken: isDeviceLost() });
  } finally {
    running.delete(id);
  }
}

/** Whether the worker's GPU device is lost, which only another worker can mend. */
function isDeviceLost(): boolean {
  return getBackend() === 'webgpu' && (backend() as { isLost?: boolean }).isLost === true;
}
