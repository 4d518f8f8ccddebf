import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MediaError, type Progress } from '@od-vae/core';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { writeSafetensors } from '@od-vae/weights';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inFolder, narrowModel, readClip, writeClip } from '../fixtures/narrow-model.ts';
import type { LatentChunk } from './latents.ts';
import type { OdVae } from './od-vae.ts';
import { readLatentsFile } from './open-latents.ts';
import { writeLatentsFile } from './write-latents.ts';

useBackend('wasm');
useLeakGuard();

let vae: OdVae;
beforeAll(() => {
  vae = narrowModel();
});
afterAll(() => vae.dispose());

const tiling = { frames: 5, latents: 2 };

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
      const report = await vae.decodeFile(path('latents.safetensors'), path('later.y4m'));
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

  it('refuses latents that are longer or larger than their metadata, and writes nothing', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'latents.safetensors');
      const info = { model: 'x', frames: 9, width: 16, height: 16, fps: 25, scalingFactor: 1, posterior: 'mode' };
      for (const shape of [
        [6, 2, 2, 4],
        [3, 4, 2, 4],
        [3, 2, 3, 4],
      ] as const) {
        const data = new Float32Array(shape[0] * shape[1] * shape[2] * 4);
        await writeLatentsFile(path, [{ shape, data }], info);
        await expect(vae.decodeFile(path, join(folder, 'out.y4m'))).rejects.toThrow(
          'latents.safetensors: its latents must be [time, height, width] [3, 2, 2] for 9 frames of 16x16, ' +
            `but are [${shape[0]}, ${shape[1]}, ${shape[2]}].`,
        );
      }
      expect(await readdir(folder)).toEqual(['latents.safetensors']);
    }));

  it('decodes latents without metadata, and remarks on latents that may be scaled', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      const values = Float32Array.from({ length: 48 }, (_, index) => 6 * Math.sin(index));
      const write = async (name: string, scale: number) =>
        writeSafetensors(path(name), [
          {
            name: 'z',
            dtype: 'F32',
            shape: [4, 3, 2, 2],
            bytes: async () => new Uint8Array(values.map((value) => value * scale).buffer),
          },
        ]);
      await write('raw.safetensors', 1);
      await write('scaled.safetensors', 0.18215);
      const known = { fps: 25, width: 15, height: 16 };
      const report = await vae.decodeFile(path('raw.safetensors'), path('out.y4m'), known);
      expect(report).toMatchObject({ frames: 9, width: 15, height: 16, note: undefined });
      const scaled = await vae.decodeFile(path('scaled.safetensors'), path('out.y4m'), known);
      expect(scaled.note).toContain('divide them by 0.18215 before decoding.');
    }));

  it('remarks on latents that were scaled after encoding', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 5);
      await vae.encodeFile(path('in.y4m'), path('latents.safetensors'));
      const { info, chunk } = await readLatentsFile(path('latents.safetensors'));
      const noteFor = async (scale: number) => {
        const data = chunk.data.map((value) => value * scale);
        await writeLatentsFile(path('changed.safetensors'), [{ ...chunk, data }], info);
        return (await vae.decodeFile(path('changed.safetensors'), path('out.y4m'))).note;
      };
      expect(await noteFor(1)).toBeUndefined();
      for (const scale of [0.18215, 2]) expect(await noteFor(scale)).toContain('were changed after encoding');
    }));

  it('says when other weights rebuild the video than made its latents', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'latents.safetensors');
      const info = { model: 'x', frames: 9, width: 16, height: 16, fps: 25, scalingFactor: 1, posterior: 'mode' };
      const chunk: LatentChunk = { shape: [3, 2, 2, 4], data: new Float32Array(48) };
      const noteFor = async (more: object) => {
        await writeLatentsFile(path, [chunk], { ...info, ...more });
        return (await vae.decodeFile(path, join(folder, 'out.y4m'))).note;
      };
      expect(await noteFor({})).toBe('"x" made the latents, "narrow" rebuilt them.');
      expect(await noteFor({ model: 'narrow' })).toBeUndefined();
    }));

  it('goes on where it was ended and gives the same bytes', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 13);
      await vae.encodeFile(path('in.y4m'), path('latents.safetensors'), { tiling });
      await vae.decodeFile(path('latents.safetensors'), path('whole.y4m'));
      const controller = new AbortController();
      const decoding = vae.decodeFile(path('latents.safetensors'), path('out.y4m'), {
        resume: true,
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done > 6) controller.abort(new Error('enough'));
        },
      });
      await expect(decoding).rejects.toThrow('enough');
      expect((await readdir(path('out.y4m.partial'))).toSorted()).toEqual(['frames-000000.safetensors', 'job.json']);
      const steps: number[] = [];
      const onProgress = ({ done }: Progress) => steps.push(done);
      await vae.decodeFile(path('latents.safetensors'), path('out.y4m'), { resume: true, onProgress });
      expect(steps[0]).toBe(5);
      expect((await readFile(path('out.y4m'))).equals(await readFile(path('whole.y4m')))).toBe(true);
      expect((await readdir(folder)).toSorted()).toEqual(['in.y4m', 'latents.safetensors', 'out.y4m', 'whole.y4m']);
    }));
});
