import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { CheckpointError, type LongCallOptions, MediaError } from '@od-vae/core';
import { useBackend } from '@od-vae/test-utils';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inFolder, narrowModel, writeClip } from '../fixtures/narrow-model.ts';
import type { OdVae } from './od-vae.ts';
import { openLatents } from './open-latents.ts';

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

describe('an input that goes away while it is read', () => {
  const tiling = { frames: 5, latents: 2 };

  /** Runs a job in a folder in which something happens as soon as the job makes progress. */
  async function failing(folder: string, job: (options: LongCallOptions) => Promise<unknown>, vanish: () => void) {
    const before = readdirSync(folder);
    const tensors = memory().numTensors;
    let isGone = false;
    const onProgress = () => {
      if (!isGone) vanish();
      isGone = true;
    };
    const error: unknown = await job({ onProgress }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(memory().numTensors).toBe(tensors);
    expect(readdirSync(folder).filter((name) => !before.includes(name))).toEqual([]);
    return error as Error | undefined;
  }

  it('is refused where images of a sequence are missing', () =>
    inFolder(async (folder) => {
      await writeClip(join(folder, '%03d.png'), 30, 8, 8);
      const source = join(folder, '%03d.png');
      const error = await failing(
        folder,
        (options) => vae.encodeFile(source, join(folder, 'out.safetensors'), { ...options, tiling }),
        () => rmSync(join(folder, '028.png')),
      );
      expect(error).toBeInstanceOf(MediaError);
      expect(error!.message).toContain('028.png');
    }));

  it('is refused where a part of the latents is missing, or a file of them is cut short', () =>
    inFolder(async (folder) => {
      await writeClip(join(folder, 'in.y4m'), 25, 8, 8);
      for (const name of ['latents/', 'latents.safetensors']) {
        await vae.encodeFile(join(folder, 'in.y4m'), join(folder, name), { tiling });
      }
      const [parts, file] = [join(folder, 'latents'), join(folder, 'latents.safetensors')];
      const missing = await failing(
        folder,
        (options) => vae.decodeFile(parts, join(folder, 'out.y4m'), options),
        () => rmSync(join(parts, 'latents-000005.safetensors')),
      );
      expect(missing).toBeInstanceOf(CheckpointError);
      expect(missing!.message).toContain('latents-000005.safetensors');
      await using reader = await openLatents(file);
      truncateSync(file, statSync(file).size - 8);
      const reading = vae.decodeLatents(reader.chunks()).next();
      await expect(reading).rejects.toThrow(CheckpointError);
      await expect(reading).rejects.toThrow('ends earlier now');
    }));

  it('is read to its end where only its name is gone', () =>
    inFolder(async (folder) => {
      for (const name of ['in.y4m', 'in.mp4']) {
        const source = join(folder, name);
        await writeClip(source, 25, 16, 16);
        const job = (options: LongCallOptions) => vae.reconstruct(source, undefined, { ...options, tiling });
        expect(await failing(folder, job, () => rmSync(source))).toBeUndefined();
      }
    }));
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
