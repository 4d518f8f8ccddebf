import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { MediaError } from '@od-vae/core';
import { useBackend } from '@od-vae/test-utils';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inFolder, narrowModel, writeClip } from '../fixtures/narrow-model.ts';
import type { OdVae } from './od-vae.ts';

useBackend('cpu');

let vae: OdVae;
beforeAll(() => {
  vae = narrowModel();
});
afterAll(() => vae.dispose());

/** A signal that aborts itself when it is looked at for the n-th time. */
function abortAtLook(n: number): { signal: AbortSignal; looks: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let looks = 0;
  const look = (): void => {
    looks += 1;
    if (looks === n) controller.abort(new Error(`ended at look ${n}`));
  };
  const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')!.get!;
  Object.defineProperties(signal, {
    throwIfAborted: {
      value: () => {
        look();
        AbortSignal.prototype.throwIfAborted.call(signal);
      },
    },
    aborted: {
      get: () => {
        look();
        return aborted.call(signal) as boolean;
      },
    },
  });
  return { signal, looks: () => looks };
}

type Job = (folder: string, signal?: AbortSignal) => Promise<unknown>;

const JOBS: [string, Job][] = [
  [
    'encodeFile',
    (folder, signal) => vae.encodeFile(join(folder, 'in.y4m'), join(folder, 'out.safetensors'), { signal }),
  ],
  [
    'decodeFile',
    (folder, signal) => vae.decodeFile(join(folder, 'latents.safetensors'), join(folder, 'out.y4m'), { signal }),
  ],
  ['reconstruct', (folder, signal) => vae.reconstruct(join(folder, 'in.y4m'), join(folder, 'out.gif'), { signal })],
];

async function prepare(folder: string): Promise<string[]> {
  await writeClip(join(folder, 'in.y4m'), 5, 8, 8);
  await vae.encodeFile(join(folder, 'in.y4m'), join(folder, 'latents.safetensors'));
  return readdirSync(folder);
}

describe.each(JOBS)('%s', (_, job) => {
  it('ends with the one reason at whatever look at its signal, and leaves neither file nor tensor', async () => {
    await inFolder(async (folder) => {
      const before = await prepare(folder);
      const tensors = memory().numTensors;
      const whole = abortAtLook(Infinity);
      await job(folder, whole.signal);
      expect(whole.looks()).toBeGreaterThan(5);
      const made = readdirSync(folder).filter((name) => !before.includes(name));
      expect(made).toHaveLength(1);
      for (let n = 1; n <= whole.looks(); n++) {
        await inFolder(async (other) => {
          const there = await prepare(other);
          const { signal } = abortAtLook(n);
          // The last look may come when everything is done.
          const error: unknown = await job(other, signal).then(
            () => undefined,
            (reason: unknown) => reason,
          );
          if (error === undefined) expect(n).toBe(whole.looks());
          else {
            expect((error as Error).message).toBe(`ended at look ${n}`);
            expect(readdirSync(other)).toEqual(there);
          }
          expect(memory().numTensors).toBe(tensors);
        });
      }
    });
  }, 120_000);
});

it('says that a video was cut short while it was read, and leaves nothing', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'in.y4m');
    await writeClip(path, 41, 8, 8);
    const tensors = memory().numTensors;
    const encoding = vae.encodeFile(path, join(folder, 'out.safetensors'), {
      onProgress: () => truncateSync(path, 300),
      tiling: { frames: 5, latents: 2 },
    });
    await expect(encoding).rejects.toThrow(MediaError);
    await expect(encoding).rejects.toThrow(/in\.y4m" (?:ends early|has)/);
    expect(readdirSync(folder)).toEqual(['in.y4m']);
    expect(memory().numTensors).toBe(tensors);
  });
});
