import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MediaError } from '@od-vae/core';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inFolder, narrowModel, readClip, writeClip } from '../fixtures/narrow-model.ts';
import { readLatentsFile, writeLatentsFile } from './latents-file.ts';
import type { OdVae } from './od-vae.ts';

useBackend('wasm');
useLeakGuard();

let vae: OdVae;
beforeAll(() => {
  vae = narrowModel();
});
afterAll(() => vae.dispose());

const tiling = { frames: 5, latents: 2 };

describe('OdVae.encodeFile', () => {
  it('writes latents that say all that decoding needs, and reports the same', () =>
    inFolder(async (folder) => {
      const [source, target] = [join(folder, 'in.y4m'), join(folder, 'latents.safetensors')];
      await writeClip(source, 6, 20, 16);
      const report = await vae.encodeFile(source, target, { tiling });
      const info = {
        model: 'narrow',
        frames: 6,
        width: 20,
        height: 16,
        fps: 25,
        scalingFactor: 0.18215,
        posterior: 'mode',
      };
      expect(report).toMatchObject({ ...info, latentShape: [1, 4, 3, 2, 3], backend: 'wasm', output: target });
      expect(report.note).toMatch(/^6 frames came .* cut back\.$/);
      const file = await readLatentsFile(target);
      expect(file.info).toEqual(info);
      expect(file.chunk.shape).toEqual([3, 2, 3, 4]);
    }));

  it('says what was drawn, and draws the same again', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 5);
      const encode = async (name: string, seed: number) => {
        const target = join(folder, name);
        const { posterior } = await vae.encodeFile(source, target, { sample: true, seed });
        expect(posterior).toBe(`sample, seed ${seed}`);
        return readFile(target);
      };
      expect((await encode('a.safetensors', 4)).equals(await encode('b.safetensors', 4))).toBe(true);
      expect((await encode('a.safetensors', 4)).equals(await encode('c.safetensors', 5))).toBe(false);
    }));

  it('leaves no file and no tensor when it is aborted', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 9);
      const controller = new AbortController();
      const before = memory().numTensors;
      const encoding = vae.encodeFile(source, join(folder, 'latents.safetensors'), {
        tiling,
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done > 6) controller.abort(new Error('enough'));
        },
      });
      await expect(encoding).rejects.toThrow('enough');
      expect(memory().numTensors).toBe(before);
      expect(await readdir(folder)).toEqual(['in.y4m']);
    }));
});

describe('OdVae.decodeFile', () => {
  it.each([
    ['pad', 6, 20],
    ['trim', 5, 16],
  ] as const)('rebuilds what reconstruct rebuilds, pixel by pixel (%s)', (framePolicy, frames, width) =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 6, 20, 16);
      await vae.reconstruct(path('in.y4m'), path('at-once.y4m'), { tiling, framePolicy });
      await vae.encodeFile(path('in.y4m'), path('latents.safetensors'), { tiling, framePolicy });
      const report = await vae.decodeFile(path('latents.safetensors'), path('later.y4m'), { tiling });
      expect(report).toMatchObject({ frames, width, height: 16, fps: 25, note: undefined });
      expect(await readClip(path('later.y4m'))).toHaveLength(frames);
      expect((await readFile(path('later.y4m'))).equals(await readFile(path('at-once.y4m')))).toBe(true);
    }),
  );

  it('leaves no video and no tensor when it is aborted', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 9);
      await vae.encodeFile(path('in.y4m'), path('latents.safetensors'), { tiling });
      const controller = new AbortController();
      const before = memory().numTensors;
      const decoding = vae.decodeFile(path('latents.safetensors'), path('out.y4m'), {
        tiling,
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done > 6) controller.abort(new Error('enough'));
        },
      });
      await expect(decoding).rejects.toThrow('enough');
      expect(memory().numTensors).toBe(before);
      expect((await readdir(folder)).toSorted()).toEqual(['in.y4m', 'latents.safetensors']);
    }));

  it.each([
    ['frames', { frames: 10 }],
    ['columns', { width: 17 }],
    ['rows', { height: 640 }],
  ])('refuses a file that promises more %s than its latents give, and writes nothing', (_, more) =>
    inFolder(async (folder) => {
      const path = join(folder, 'latents.safetensors');
      const info = { model: 'x', frames: 9, width: 16, height: 16, fps: 25, scalingFactor: 1, posterior: 'mode' };
      await writeLatentsFile(path, [{ shape: [3, 2, 2, 4], data: new Float32Array(48) }], { ...info, ...more });
      const decoding = vae.decodeFile(path, join(folder, 'out.y4m'));
      await expect(decoding).rejects.toThrow(MediaError);
      await expect(vae.decodeFile(path, join(folder, 'out.y4m'))).rejects.toThrow(
        /latents\.safetensors: says \d+ frames of \d+x\d+, but its latents give at most 9 of 16x16\.$/,
      );
      expect(await readdir(folder)).toEqual(['latents.safetensors']);
    }),
  );
});
