import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Progress } from '@od-vae/core';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inFolder, narrowModel, readClip, writeClip } from '../fixtures/narrow-model.ts';
import { OdVae } from './od-vae.ts';

useBackend('wasm');
useLeakGuard();

let vae: OdVae;
beforeAll(() => {
  vae = narrowModel();
});
afterAll(() => vae.dispose());

describe('OdVae.reconstruct', () => {
  it('writes the rebuilt video and reports what it was, what it became and what was lost', () =>
    inFolder(async (folder) => {
      const [source, target] = [join(folder, 'in.y4m'), join(folder, 'out.y4m')];
      await writeClip(source, 9);
      const report = await vae.reconstruct(source, target);
      expect(report).toMatchObject({
        frames: 9,
        width: 16,
        height: 16,
        fps: 25,
        latentShape: [1, 4, 3, 2, 2],
        pixelBits: 9 * 16 * 16 * 24,
        latentBits: 3 * 2 * 2 * 4 * 16,
        backend: 'wasm',
        output: target,
        note: undefined,
      });
      expect(report.perFrame).toHaveLength(9);
      const psnr = report.perFrame.reduce((sum, frame) => sum + frame.psnr, 0) / 9;
      expect(report.psnr).toBeCloseTo(psnr, 6);
      expect(report.ssim).toBeGreaterThan(-1);
      expect(report.ssim).toBeLessThan(1);
      expect(report.seconds).toBeGreaterThan(0);
      const rebuilt = await readClip(target);
      expect(rebuilt.map(({ width, height }) => [width, height])).toEqual(Array.from({ length: 9 }, () => [16, 16]));
      expect((await readdir(folder)).toSorted()).toEqual(['in.y4m', 'out.y4m']);
    }));

  it('gives back the number and size of frames that came, and says what it did', () =>
    inFolder(async (folder) => {
      const [source, target] = [join(folder, 'in.y4m'), join(folder, 'out.y4m')];
      await writeClip(source, 6, 20, 14);
      const report = await vae.reconstruct(source, target);
      expect(report).toMatchObject({ frames: 6, width: 20, height: 14, latentShape: [1, 4, 3, 2, 3] });
      expect(report.note).toBe(
        '6 frames came and the model needs 4n + 1, so the last was repeated 3 times and cut off again; ' +
          'frames of 20x14 came and the model needs multiples of 8, so they were padded to 24x16 and cut back.',
      );
      const rebuilt = await readClip(target);
      expect(rebuilt.map(({ width, height }) => [width, height])).toEqual(Array.from({ length: 6 }, () => [20, 14]));
    }));

  it('trims when asked to', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 6, 20, 14);
      const report = await vae.reconstruct(source, undefined, { framePolicy: 'trim' });
      expect(report).toMatchObject({
        frames: 5,
        width: 16,
        height: 8,
        latentShape: [1, 4, 2, 1, 2],
        output: undefined,
      });
      expect(report.note).toMatch(/the last was dropped; .* cut to 16x8\.$/);
    }));

  it('refuses what does not fit when the policy is error, before it writes anything', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 6);
      await expect(vae.reconstruct(source, join(folder, 'out.y4m'), { framePolicy: 'error' })).rejects.toThrow(
        'encode: the clip has 6 frames, but needs 4n + 1 (try 5 or 9, or another framePolicy).',
      );
      expect(await readdir(folder)).toEqual(['in.y4m']);
    }));

  it('takes one image for a clip of one frame', () =>
    inFolder(async (folder) => {
      const [source, target] = [join(folder, 'in.png'), join(folder, 'out.png')];
      await writeClip(source, 1, 16, 8);
      const report = await vae.reconstruct(source, target);
      expect(report).toMatchObject({ frames: 1, latentShape: [1, 4, 1, 1, 2], ssim: undefined, note: undefined });
      expect(await readClip(target)).toHaveLength(1);
    }));

  it('puts original and reconstruction side by side when asked to compare', () =>
    inFolder(async (folder) => {
      const [source, target] = [join(folder, 'in.png'), join(folder, 'out.png')];
      await writeClip(source, 1);
      await vae.reconstruct(source, target, { compare: true });
      const [[original], [pair]] = [await readClip(source), await readClip(target)];
      expect([pair!.width, pair!.height]).toEqual([32, 16]);
      const left = Uint8Array.from({ length: 768 }, (_, at) => pair!.data[Math.floor(at / 48) * 96 + (at % 48)]!);
      expect(left).toEqual(original!.data);
    }));

  it.each([
    ['whole', undefined],
    ['tiled in time', { frames: 5, latents: 2 }],
    ['tiled in space', { frames: 5, latents: 2, spatial: { sampleSize: 16, latentSize: 2, overlap: 0.5 } }],
  ])('tells how far encoding and decoding are, up to every frame (%s)', (_, tiling) =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 9, 24, 16);
      const seen: Progress[] = [];
      await vae.reconstruct(source, undefined, { tiling, onProgress: (progress) => seen.push(progress) });
      for (const phase of ['encode', 'decode']) {
        const steps = seen.filter((progress) => progress.phase === phase);
        const done = steps.map((progress) => progress.done);
        expect(done).toEqual(done.toSorted((a, b) => a - b));
        expect(done.at(-1)).toBeCloseTo(9, 9);
        expect(steps.every(({ total }) => total === 9)).toBe(true);
      }
      expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(['encode', 'decode']));
    }),
  );

  it.each(['encode', 'decode'])('leaves no file and no tensor when it is aborted while it %ss', (phase) =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 9);
      const controller = new AbortController();
      const before = memory().numTensors;
      const rebuilding = vae.reconstruct(source, join(folder, 'out.y4m'), {
        tiling: { frames: 5, latents: 2 },
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.phase === phase && progress.done > 6) controller.abort(new Error('enough'));
        },
      });
      await expect(rebuilding).rejects.toThrow('enough');
      expect(memory().numTensors).toBe(before);
      expect(await readdir(folder)).toEqual(['in.y4m']);
    }),
  );

  it('leaves no file and no tensor when its listener throws', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 5);
      const before = memory().numTensors;
      const onProgress = ({ phase }: Progress) => {
        if (phase === 'decode') throw new Error('no listener');
      };
      await expect(vae.reconstruct(source, join(folder, 'out.y4m'), { onProgress })).rejects.toThrow('no listener');
      expect(memory().numTensors).toBe(before);
      expect(await readdir(folder)).toEqual(['in.y4m']);
    }));

  it('draws the same video for a seed', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 5);
      const psnr = async (seed: number) => (await vae.reconstruct(source, undefined, { sample: true, seed })).psnr;
      expect(await psnr(1)).toBe(await psnr(1));
      expect(await psnr(1)).not.toBe(await psnr(2));
    }));

  it('rebuilds moving colours recognizably with the small model', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 5, 32, 32);
      using small = await OdVae.fromPretrained('small');
      expect((await small.reconstruct(source)).psnr).toBeGreaterThan(17);
    }));

  it.each([
    ['paper', { frames: 5, latents: 2 }, false],
    ['groups of other lengths, side by side', { frames: 5, latents: 3 }, true],
  ])('goes on where it was ended and gives the same bytes and scores (%s)', (_, tiling, compare) =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeClip(path('in.y4m'), 14, 20, 16);
      const whole = await vae.reconstruct(path('in.y4m'), path('whole.y4m'), { tiling, compare });
      const controller = new AbortController();
      const ended = vae.reconstruct(path('in.y4m'), path('out.y4m'), {
        tiling,
        compare,
        resume: true,
        signal: controller.signal,
        onProgress: ({ phase, done }) => {
          if (phase === 'decode' && done > 10) controller.abort(new Error('enough'));
        },
      });
      await expect(ended).rejects.toThrow('enough');
      const kept = await readdir(path('out.y4m.partial'));
      expect(kept.filter((name) => name.startsWith('frames')).length).toBeGreaterThan(0);
      const steps: number[] = [];
      const report = await vae.reconstruct(path('in.y4m'), path('out.y4m'), {
        tiling,
        compare,
        resume: true,
        onProgress: ({ phase, done }) => phase === 'decode' && steps.push(done),
      });
      expect(steps[0]).toBe(4 * tiling.latents - 3);
      expect({ ...report, seconds: 0, output: '' }).toEqual({ ...whole, seconds: 0, output: '' });
      expect((await readFile(path('out.y4m'))).equals(await readFile(path('whole.y4m')))).toBe(true);
      expect((await readdir(folder)).toSorted()).toEqual(['in.y4m', 'out.y4m', 'whole.y4m']);
    }),
  );

  it('cannot be resumed where it writes to no path', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 5);
      await expect(vae.reconstruct(source, undefined, { resume: true })).rejects.toThrow(
        'reconstruct: resume needs a path to write to, beside which finished groups are kept.',
      );
    }));

  it('reports where groups and tiles meet, and the PSNR there and elsewhere', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'in.y4m');
      await writeClip(source, 17, 48, 16);
      const spatial = { sampleSize: 32, latentSize: 4, overlap: 0.25 };
      const { seams, perFrame, plan } = await vae.reconstruct(source, undefined, {
        tiling: { frames: 9, latents: 3, spatial },
      });
      expect(plan.tiling.spatial).toEqual(spatial);
      expect(seams).toMatchObject({ frames: [9], rows: [], columns: [24], blend: 8 });
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const psnrs = perFrame.map(({ psnr }) => psnr);
      expect(seams.psnrNearGroups).toBeCloseTo(mean(psnrs.slice(5, 13)), 9);
      expect(seams.psnrAwayFromGroups).toBeCloseTo(mean([...psnrs.slice(0, 5), ...psnrs.slice(13)]), 9);
      expect(seams.psnrNearTiles).toBeCloseTo(mean(perFrame.map((frame) => frame.nearTiles!)), 9);
      expect(seams.psnrAwayFromTiles).toBeGreaterThan(0);
    }));
});
