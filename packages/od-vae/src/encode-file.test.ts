import { readdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ConfigError, type Progress } from '@od-vae/core';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import type { VideoSource } from '@od-vae/video';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inFolder, movingFrame, narrowModel, writeClip } from '../fixtures/narrow-model.ts';
import type { EncodeFileOptions } from './encode-file.ts';
import { openLatents, readLatentsFile } from './open-latents.ts';
import type { OdVae } from './od-vae.ts';

useBackend('wasm');
useLeakGuard();

let vae: OdVae;
beforeAll(() => {
  vae = narrowModel();
});
afterAll(() => vae.dispose());

const tiling = { frames: 5, latents: 2 };

const meanSquare = (values: Float32Array) => values.reduce((sum, value) => sum + value ** 2, 0) / values.length;

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
        architecture: 'variant 4 (release v1.2)',
        scalingFactor: 0.18215,
        posterior: 'mode',
        tiling,
        framePolicy: 'pad',
      };
      expect(report).toMatchObject({ ...info, latentShape: [1, 4, 3, 2, 3], backend: 'wasm', output: target });
      expect(report.note).toMatch(/^6 frames came .* cut back\.$/);
      const file = await readLatentsFile(target);
      expect(file.info).toEqual({ ...info, rms: expect.closeTo(Math.sqrt(meanSquare(file.chunk.data)), 4) });
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

/** Encodes until the second group begins, and is then ended. */
async function encodeSome(source: VideoSource, target: string, options: EncodeFileOptions = {}): Promise<void> {
  const controller = new AbortController();
  const encoding = vae.encodeFile(source, target, {
    tiling,
    ...options,
    resume: true,
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done > 10) controller.abort(new Error('enough'));
    },
  });
  await expect(encoding).rejects.toThrow('enough');
}

describe('OdVae.encodeFile with resume', () => {
  it.each([
    ['mode', {}],
    ['a draw, with its posterior', { sample: true, seed: 3, keepPosterior: true }],
  ] as const)('goes on where it was ended and gives the same bytes (%s)', (_, options) =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 16);
      await vae.encodeFile(path('in.y4m'), path('whole.safetensors'), { tiling, ...options });
      await encodeSome(path('in.y4m'), path('out.safetensors'), options);
      const parts = await readdir(path('out.safetensors.partial'));
      expect(parts.toSorted()).toEqual(['job.json', 'latents-000000.safetensors', 'latents-000001.safetensors']);
      const steps: number[] = [];
      const onProgress = ({ done }: Progress) => steps.push(done);
      await vae.encodeFile(path('in.y4m'), path('out.safetensors'), { tiling, ...options, resume: true, onProgress });
      // The two groups that were there are counted, the others computed.
      expect(steps.slice(0, 2)).toEqual([5, 9]);
      expect(steps[2]).toBeGreaterThan(9);
      expect((await readFile(path('out.safetensors'))).equals(await readFile(path('whole.safetensors')))).toBe(true);
      expect((await readdir(folder)).toSorted()).toEqual(['in.y4m', 'out.safetensors', 'whole.safetensors']);
    }),
  );

  it('refuses to go on with other settings, or another video', () =>
    inFolder(async (folder) => {
      const [source, target] = [join(folder, 'in.y4m'), join(folder, 'out.safetensors')];
      await writeClip(source, 16);
      await encodeSome(source, target);
      const again = (options: EncodeFileOptions) =>
        vae.encodeFile(source, target, { tiling, resume: true, ...options });
      await expect(again({ seed: 2 })).rejects.toThrow(ConfigError);
      await expect(again({ seed: 2 })).rejects.toThrow(
        '.partial" was begun with seed 0, and cannot go on with 2; start over without resume.',
      );
      await writeClip(source, 17);
      await expect(again({})).rejects.toThrow('was begun with source');
      expect(await readdir(`${target}.partial`)).toHaveLength(3);
    }));

  it('refuses a source that comes once', () =>
    inFolder(async (folder) => {
      const frames = [movingFrame(0, 16, 16)];
      await expect(vae.encodeFile(frames, join(folder, 'a.safetensors'), { resume: true })).rejects.toThrow(
        'resume: the source must be one that can be identified, such as a file, but it is a stream, or an address whose ' +
          'server reports no version of it; read from a file, or use force where it is certainly the same.',
      );
      const target = join(folder, 'b.safetensors');
      expect((await vae.encodeFile(frames, target, { resume: true, force: true })).frames).toBe(1);
      expect((await vae.encodeFile(frames, join(folder, 'a.safetensors'))).frames).toBe(1);
    }));

  it('resumes onto the same bytes only, in memory and in files of any date', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 16);
      const bytes = new Uint8Array(await readFile(path('in.y4m')));
      const other = bytes.slice();
      other[other.length - 100]! ^= 1;
      const target = path('out.safetensors');
      const resume = (source: VideoSource) => vae.encodeFile(source, target, { tiling, resume: true });
      await encodeSome(bytes, target);
      await expect(resume(other)).rejects.toThrow('was begun with source');
      await expect(resume(new Blob([other]))).rejects.toThrow('was begun with source');
      await writeFile(path('in.y4m'), other);
      await expect(resume(path('in.y4m'))).rejects.toThrow('was begun with source');
      expect(await readdir(`${target}.partial`)).toHaveLength(3);
      await writeFile(path('in.y4m'), bytes);
      await utimes(path('in.y4m'), 1, 1);
      expect((await resume(path('in.y4m'))).frames).toBe(16);
    }));

  it('draws with the seed of the run that it resumes, and refuses another', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 16);
      await encodeSome(path('in.y4m'), path('out.safetensors'), { sample: true });
      const resume = (options: EncodeFileOptions) =>
        vae.encodeFile(path('in.y4m'), path('out.safetensors'), { tiling, resume: true, ...options });
      await expect(resume({ sample: true, seed: 0 })).rejects.toThrow('was begun with seed');
      const { seed, posterior } = await resume({ sample: true });
      expect(posterior).toBe(`sample, seed ${seed}`);
      await vae.encodeFile(path('in.y4m'), path('again.safetensors'), { tiling, sample: true, seed });
      const [first, again] = [await readFile(path('out.safetensors')), await readFile(path('again.safetensors'))];
      expect(first.equals(again)).toBe(true);
    }));

  it('starts over without it', () =>
    inFolder(async (folder) => {
      const [source, target] = [join(folder, 'in.y4m'), join(folder, 'out.safetensors')];
      await writeClip(source, 16);
      await encodeSome(source, target);
      const steps: number[] = [];
      await vae.encodeFile(source, target, { tiling, onProgress: ({ done }) => steps.push(done) });
      expect(steps[0]).toBeLessThan(5);
      expect((await readdir(folder)).toSorted()).toEqual(['in.y4m', 'out.safetensors']);
    }));
});

describe('OdVae.encodeFile into a folder', () => {
  it('writes a file for each group, and decodes as one file does', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 13, 20, 16);
      const report = await vae.encodeFile(path('in.y4m'), `${path('parts')}/`, { tiling });
      expect(report.latentShape).toEqual([1, 4, 4, 2, 3]);
      const names = [0, 1, 2].map((index) => `latents-00000${index}.safetensors`);
      expect((await readdir(path('parts'))).toSorted()).toEqual([...names, 'latents.json']);
      await vae.encodeFile(path('in.y4m'), path('one.safetensors'), { tiling });
      expect(await readLatentsFile(path('parts'))).toEqual(await readLatentsFile(path('one.safetensors')));
      await vae.decodeFile(path('parts'), path('a.y4m'));
      await vae.decodeFile(path('one.safetensors'), path('b.y4m'));
      expect((await readFile(path('a.y4m'))).equals(await readFile(path('b.y4m')))).toBe(true);
    }));

  it('goes on where it was ended, and is no folder of latents before it is complete', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 16);
      await encodeSome(path('in.y4m'), `${path('parts')}/`);
      await expect(openLatents(path('parts.partial'))).rejects.toThrow(
        'a folder of latents must hold "latents.json", which is written last; it has none.',
      );
      await vae.encodeFile(path('in.y4m'), `${path('parts')}/`, { tiling, resume: true });
      await vae.encodeFile(path('in.y4m'), `${path('whole')}/`, { tiling });
      for (const name of await readdir(path('whole'))) {
        const [part, whole] = [await readFile(path(`parts/${name}`)), await readFile(path(`whole/${name}`))];
        expect(part.equals(whole)).toBe(true);
      }
      expect(await readdir(path('parts'))).toHaveLength(5);
    }));

  it('keeps the previous folder until the new one is complete, also where it is aborted', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('old.y4m'), 13);
      await writeClip(path('in.y4m'), 16, 20, 16);
      await vae.encodeFile(path('old.y4m'), `${path('parts')}/`, { tiling });
      const old = await readLatentsFile(path('parts'));
      const controller = new AbortController();
      const onProgress = ({ done }: Progress) => {
        if (done > 10) controller.abort(new Error('enough'));
      };
      const aborted = vae.encodeFile(path('in.y4m'), path('parts'), { tiling, signal: controller.signal, onProgress });
      await expect(aborted).rejects.toThrow('enough');
      expect(await readLatentsFile(path('parts'))).toEqual(old);
      await encodeSome(path('in.y4m'), path('parts'));
      expect(await readLatentsFile(path('parts'))).toEqual(old);
      const link = path('link');
      await symlink('parts', link);
      await vae.encodeFile(path('in.y4m'), link, { tiling });
      expect((await readLatentsFile(path('parts'))).info.frames).toBe(16);
      await vae.encodeFile(path('in.y4m'), path('parts'), { tiling, resume: true });
      expect(await readdir(path('parts'))).toHaveLength(5);
      expect((await readdir(folder)).toSorted()).toEqual(['in.y4m', 'link', 'old.y4m', 'parts']);
    }));

  it('finds the previous folder where a process was killed while it was replaced', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 13);
      await vae.encodeFile(path('in.y4m'), `${path('parts')}/`, { tiling });
      await rename(path('parts'), path('.parts.od-vae-previous'));
      expect((await readLatentsFile(path('parts'))).info.frames).toBe(13);
      expect((await readdir(folder)).toSorted()).toEqual(['in.y4m', 'parts']);
    }));

  it('leaves no folder when it is aborted without resume, and never one that holds something else', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 9);
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(vae.encodeFile(source, `${join(folder, 'parts')}/`, { tiling, signal })).rejects.toThrow('enough');
      await expect(vae.encodeFile(source, folder, { tiling })).rejects.toThrow(
        'is to hold the parts of a job and nothing else, but holds "in.y4m"; choose another folder.',
      );
      expect(await readdir(folder)).toEqual(['in.y4m']);
    }));
});
