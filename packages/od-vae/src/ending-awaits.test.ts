import { execFileSync } from 'node:child_process';
import { createHook } from 'node:async_hooks';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HeldResources, heldResources } from '../fixtures/held-resources.ts';
import { inFolder, narrowModel, writeClip } from '../fixtures/narrow-model.ts';
import { useBackend } from './backend.ts';
import type { OdVae } from './od-vae.ts';

const MOMENTS = 12;

let vae: OdVae;
beforeAll(async () => {
  await useBackend('simd');
  vae = narrowModel();
}, 120_000);
afterAll(() => vae.dispose());

/** Counts the moments at which this process goes on after a promise, and aborts at one of them. */
function abortAtMoment(moment: number): { signal: AbortSignal; end: () => number } {
  const controller = new AbortController();
  let moments = 0;
  const hook = createHook({
    before: () => {
      moments += 1;
      if (moments === moment) controller.abort(new Error(`ended at moment ${moment}`));
    },
    // Without it, promises are not followed.
    init: () => undefined,
  }).enable();
  const end = (): number => {
    hook.disable();
    return moments;
  };
  return { signal: controller.signal, end };
}

type Job = (folder: string, signal: AbortSignal) => Promise<unknown>;

const tiling = { frames: 5, latents: 2 };
const AVI = fileURLToPath(new URL('../../video/src/fixtures/mpeg4.avi', import.meta.url));

const JOBS: [string, Job][] = [
  ['encodeFile', (at, signal) => vae.encodeFile(join(at, 'in.mp4'), join(at, 'out.safetensors'), { tiling, signal })],
  ['encodeFile to a folder', (at, signal) => vae.encodeFile(join(at, 'in.mp4'), join(at, 'out/'), { tiling, signal })],
  ['decodeFile', (at, signal) => vae.decodeFile(join(at, 'in.safetensors'), join(at, 'out.mp4'), { signal })],
  ['reconstruct', (at, signal) => vae.reconstruct(join(at, 'in.mp4'), join(at, 'out.webm'), { tiling, signal })],
  ['encodeVideo', (at, signal) => drain(vae.encodeVideo(join(at, 'in.mp4'), { tiling, signal }))],
  [
    'decodeLatents',
    async (at, signal) => {
      const chunks = vae.encodeVideo(join(at, 'in.mp4'), { tiling, signal });
      await drain(vae.decodeLatents(chunks, { tiling, signal }));
    },
  ],
  ...(hasFfmpeg()
    ? [
        [
          'encodeFile with a child process',
          (at, signal) => vae.encodeFile(AVI, join(at, 'out.safetensors'), { tiling, signal }),
        ] as [string, Job],
      ]
    : []),
];

function hasFfmpeg(): boolean {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function prepare(folder: string): Promise<void> {
  await writeClip(join(folder, 'in.mp4'), 9);
  await vae.encodeFile(join(folder, 'in.mp4'), join(folder, 'in.safetensors'), { tiling });
}

describe.each(JOBS)('%s', (_, job) => {
  it(
    'ends with the one reason at whatever moment, and leaves no file, tensor, thread, process or handle',
    { timeout: 300_000 },
    () =>
      inFolder(async (folder) => {
        await prepare(folder);
        const before = readdirSync(folder);
        /** The files that a job made; they are taken away. */
        const made = () => {
          const names = readdirSync(folder).filter((name) => !before.includes(name));
          for (const name of names) rmSync(join(folder, name), { recursive: true });
          return names;
        };
        const whole = abortAtMoment(Infinity);
        await job(folder, whole.signal);
        const moments = whole.end();
        const result = made();
        const held = await heldWhenQuiet();
        let ended = 0;
        for (let index = 0; index < MOMENTS; index++) {
          const moment = Math.ceil(((index + 0.5) / MOMENTS) * moments);
          const { signal, end } = abortAtMoment(moment);
          const error: unknown = await job(folder, signal).then(
            () => undefined,
            (reason: unknown) => reason,
          );
          end();
          if (error !== undefined) {
            expect((error as Error).message).toBe(`ended at moment ${moment}`);
            ended += 1;
          }
          expect(made()).toEqual(error === undefined ? result : []);
          await expect.poll(heldResources, { timeout: 30_000 }).toEqual(held);
        }
        // The last moments may come when all is done, as their number is not the same each time.
        expect(ended).toBeGreaterThan(0.7 * MOMENTS);
      }),
  );
});

/** What is held once nothing more is let go of. */
async function heldWhenQuiet(): Promise<HeldResources> {
  for (let held = heldResources(); ;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = heldResources();
    if (JSON.stringify(now) === JSON.stringify(held)) return now;
    held = now;
  }
}
