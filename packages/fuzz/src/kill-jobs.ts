import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from 'od-vae';

import { repositoryFile } from './corpus.ts';
import { writeNarrowModel, y4mClip } from './small-files.ts';

/** A command that is killed, and what it writes when nobody does. */
export interface KillJob {
  readonly name: string;
  /** Arguments for one output folder. */
  argv(folder: string): readonly string[];
  /** The files that it makes there. */
  readonly files: readonly string[];
  /** Files that are there before, which the command replaces. */
  readonly previous?: readonly string[];
}

/** Prepares inputs in a folder and gives the commands that read them: encode (three times), decode (three times) and convert (twice). */
export async function killJobs(inputs: string, { frames = 65, side = 96 } = {}): Promise<KillJob[]> {
  await useBackend('cpu');
  const at = (name: string): string => join(inputs, name);
  await mkdir(at('narrow'));
  await writeNarrowModel(at('narrow'));
  await writeFile(at('clip.y4m'), y4mClip({ frames, side }));
  await writeFile(at('training.ckpt'), await repositoryFile('packages/weights/fixtures/checkpoints/osp-training.ckpt'));
  await copyFile(new URL('../../weights/fixtures/checkpoints/config.json', import.meta.url), at('config.json'));
  const model = ['--model', at('narrow'), '--tile-frames', '5', '--resume', '--quiet'];
  return [
    {
      name: 'encode',
      argv: (folder) => ['encode', at('clip.y4m'), join(folder, 'out.safetensors'), ...model],
      files: ['out.safetensors'],
    },
    ...['y4m', 'mp4'].map((format) => ({
      name: `decode to ${format}`,
      argv: (folder: string) => ['decode', at('latents.safetensors'), join(folder, `out.${format}`), ...model],
      files: [`out.${format}`],
    })),
    {
      name: 'encode over latents',
      argv: (folder) => ['encode', at('clip.y4m'), join(folder, 'out.safetensors'), ...model],
      files: ['out.safetensors'],
      previous: ['out.safetensors'],
    },
    {
      name: 'encode over a folder',
      argv: (folder) => ['encode', at('clip.y4m'), join(folder, 'out/'), ...model],
      files: folderNames(Math.ceil((frames - 1) / 4)),
      previous: folderNames(Math.ceil((frames - 1) / 4) + 2),
    },
    {
      name: 'decode over images',
      argv: (folder) => ['decode', at('latents.safetensors'), join(folder, 'f-%03d.png'), ...model],
      files: imageNames(frames),
      previous: imageNames(frames + 3),
    },
    {
      name: 'convert over a model',
      argv: (folder) => ['convert', at('training.ckpt'), join(folder, 'model/'), '--shard-size', '1MB', '--quiet'],
      files: [...shardNames(5), 'model/diffusion_pytorch_model.safetensors.index.json', 'model/config.json'],
      previous: [...shardNames(5), 'model/diffusion_pytorch_model.safetensors', 'model/config.json'],
    },
    {
      name: 'convert',
      argv: (folder) => ['convert', at('training.ckpt'), join(folder, 'model/'), '--dtype', 'f16', '--quiet'],
      files: ['model/diffusion_pytorch_model.safetensors', 'model/config.json'],
    },
  ];
}

/** The files of a folder of latents. */
function folderNames(parts: number): string[] {
  const names = Array.from(
    { length: parts },
    (_, index) => `out/latents-${String(index).padStart(6, '0')}.safetensors`,
  );
  return [...names, 'out/latents.json'];
}

function shardNames(count: number): string[] {
  const digits = (value: number) => String(value).padStart(5, '0');
  return Array.from(
    { length: count },
    (_, index) => `model/diffusion_pytorch_model-${digits(index + 1)}-of-${digits(count)}.safetensors`,
  );
}

function imageNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `f-${String(index + 1).padStart(3, '0')}.png`);
}
