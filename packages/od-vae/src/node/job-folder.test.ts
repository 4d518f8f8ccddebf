import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ConfigError, MediaError } from '@od-vae/core';
import { processMark, temporaryPath } from '@od-vae/core/files';
import { describe, expect, it } from 'vitest';

import { inFolder } from '../../fixtures/narrow-model.ts';
import { JobFolder, partName } from './job-folder.ts';

const settings = { job: 'encode', tiling: { frames: 5, latents: 2 }, sample: undefined };
const tensor = (value: number) => ({
  name: 'latents',
  dtype: 'U8' as const,
  shape: [1],
  bytes: async () => Uint8Array.of(value),
});

const inJob = (body: (path: string) => Promise<void>) => inFolder((folder) => body(join(folder, 'job')));

describe('JobFolder', () => {
  it('keeps its parts from one opening to the next where it is to go on', () =>
    inJob(async (path) => {
      const job = await JobFolder.open(path, settings, { resume: true });
      await job.write('latents', 0, [tensor(7)], { note: 'x' });
      await job.write('frames', 0, [tensor(8)]);
      await job.write('latents', 2, [tensor(9)]);
      const again = await JobFolder.open(path, settings, { resume: true });
      expect([again.count('latents'), again.count('frames'), again.has('latents', 2)]).toEqual([1, 1, true]);
      const part = await again.read('latents', 0);
      expect([...(await part.tensors.get('latents')!.bytes())]).toEqual([7]);
      expect(part.metadata).toEqual({ note: 'x' });
      await part.close();
    }));

  it('is empty where it is not', () =>
    inJob(async (path) => {
      await (await JobFolder.open(path, settings, { resume: true })).write('latents', 0, [tensor(7)]);
      const again = await JobFolder.open(path, settings, { resume: false });
      expect(again.count('latents')).toBe(0);
      expect(await readdir(path)).toEqual(['job.json']);
    }));

  it('throws away what was being written, and parts that cannot be read', () =>
    inJob(async (path) => {
      const job = await JobFolder.open(path, settings, { resume: true });
      await job.write('latents', 0, [tensor(7)]);
      await job.write('latents', 1, [tensor(8)]);
      await truncate(join(path, partName('latents', 1)), 20);
      await writeFile(temporaryPath(join(path, partName('latents', 2))), 'half');
      await writeFile(temporaryPath(join(path, 'job.json')), '{');
      const again = await JobFolder.open(path, settings, { resume: true });
      expect(again.count('latents')).toBe(1);
      expect((await readdir(path)).toSorted()).toEqual(['job.json', partName('latents', 0)]);
    }));

  it('refuses to go on with other settings, by the name of one', () =>
    inJob(async (path) => {
      await JobFolder.open(path, settings, { resume: true });
      const other = JobFolder.open(path, { ...settings, tiling: { frames: 9, latents: 3 } }, { resume: true });
      await expect(other).rejects.toThrow(ConfigError);
      await expect(JobFolder.open(path, { ...settings, sample: true }, { resume: true })).rejects.toThrow(
        `"${path}" was begun with sample nothing, and cannot go on with true; start over without resume.`,
      );
    }));

  it('begins anew where nobody can read how it was begun', () =>
    inJob(async (path) => {
      await (await JobFolder.open(path, settings, { resume: true })).write('latents', 0, [tensor(7)]);
      await writeFile(join(path, 'job.json'), '{"process"');
      expect((await JobFolder.open(path, settings, { resume: true })).count('latents')).toBe(0);
    }));

  it('leaves a folder alone that holds anything else', () =>
    inJob(async (path) => {
      await mkdir(path);
      await writeFile(join(path, 'holiday.jpg'), 'x');
      await expect(JobFolder.open(path, settings, { resume: false })).rejects.toThrow(MediaError);
      expect(await readdir(path)).toEqual(['holiday.jpg']);
    }));

  it('leaves a folder alone that another process is at work in', () =>
    inJob(async (path) => {
      await JobFolder.open(path, settings, { resume: true });
      const other = {
        ...(JSON.parse(await readFile(join(path, 'job.json'), 'utf8')) as object),
        process: processMark(process.ppid),
      };
      await writeFile(join(path, 'job.json'), JSON.stringify(other));
      await expect(JobFolder.open(path, settings, { resume: true })).rejects.toThrow(
        `"${path}" is in use by process ${process.ppid}`,
      );
      await writeFile(join(path, 'job.json'), JSON.stringify({ ...other, process: processMark(2 ** 30) }));
      await JobFolder.open(path, settings, { resume: true });
    }));

  it('ignores files that the operating system adds, and removes them with itself', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'job');
      const open = () => JobFolder.open(path, settings, { resume: true });
      await (await open()).write('latents', 0, [tensor(7)]);
      for (const name of ['._latents-000000.safetensors', '.DS_Store', 'Thumbs.db']) {
        await writeFile(join(path, name), 'x');
      }
      const again = await open();
      expect(again.count('latents')).toBe(1);
      await writeFile(join(path, '.DS_Store'), 'x');
      await again.remove();
      expect(await readdir(folder)).toEqual([]);
    }));

  it('takes itself away', () =>
    inFolder(async (folder) => {
      const job = await JobFolder.open(join(folder, 'job'), settings, { resume: false });
      await job.write('latents', 0, [tensor(7)]);
      await job.remove();
      expect(await readdir(folder)).toEqual([]);
    }));
});
