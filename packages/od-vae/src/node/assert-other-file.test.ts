import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ConfigError } from '@od-vae/core';
import { useBackend } from '@od-vae/test-utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inFolder, narrowModel, writeClip } from '../../fixtures/narrow-model.ts';
import type { OdVae } from '../od-vae.ts';
import { assertOtherFile } from './assert-other-file.ts';

useBackend('cpu');

let vae: OdVae;
beforeAll(() => {
  vae = narrowModel();
});
afterAll(() => vae.dispose());

describe('assertOtherFile', () => {
  it('refuses the input by any of its names', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      await writeFile(path('in.y4m'), 'x');
      await symlink('in.y4m', path('symbolic.y4m'));
      await link(path('in.y4m'), path('hard.y4m'));
      await mkdir(path('a'));
      await symlink('..', path('a/up'));
      const { href } = pathToFileURL(path('in.y4m'));
      const names = ['in.y4m', 'symbolic.y4m', 'hard.y4m', 'a/up/in.y4m', 'a/../in.y4m'].map(path);
      for (const output of [...names, relative(process.cwd(), path('in.y4m')), href]) {
        for (const input of [path('in.y4m'), href, pathToFileURL(path('in.y4m'))]) {
          await expect(assertOtherFile('reconstruct', input, output)).rejects.toThrow(ConfigError);
          await expect(assertOtherFile('reconstruct', input, output)).rejects.toThrow(
            'reconstruct: the output must be another file than the input, but',
          );
        }
      }
      await assertOtherFile('reconstruct', path('in.y4m'), path('out.y4m'));
      await assertOtherFile('reconstruct', path('in.y4m'), path('a/in.y4m'));
      await assertOtherFile('reconstruct', 'http://127.0.0.1/in.y4m', path('in.y4m'));
      await assertOtherFile('reconstruct', new Blob(), path('in.y4m'));
    }));

  it('refuses sequences of images that share a file', () =>
    inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      for (const name of ['f-1.png', 'f-2.png', 'g-1.png']) await writeFile(path(name), 'x');
      const refused = (input: string, output: string) =>
        expect(assertOtherFile('reconstruct', path(input), path(output))).rejects.toThrow(ConfigError);
      await refused('f-%d.png', 'f-%d.png');
      await refused('f-%d.png', 'f-%03d.png');
      await refused('', 'g-%d.png');
      await refused('f-%d.png', 'f-2.png');
      await refused('h-%d.png', 'h-%d.png');
      await assertOtherFile('reconstruct', path('f-%d.png'), path('g-%d.png'));
      await assertOtherFile('reconstruct', path(''), path('h-%d.png'));
    }));
});

describe.each(['reconstruct', 'encodeFile', 'decodeFile'] as const)('OdVae.%s', (name) => {
  it('does not write over its input', () =>
    inFolder(async (folder) => {
      const path = (file: string) => join(folder, file);
      await writeClip(path('in.y4m'), 5);
      const input = path(name === 'decodeFile' ? 'latents.safetensors' : 'in.y4m');
      if (name === 'decodeFile') await vae.encodeFile(path('in.y4m'), input);
      const before = await readFile(input);
      await symlink(input, path('link.y4m'));
      for (const output of [input, path('link.y4m')]) {
        await expect(vae[name](input, output)).rejects.toThrow(
          `${name}: the output must be another file than the input, but "${output}" is "${output}", ` +
            `which is read from "${input}"; choose another output.`,
        );
      }
      expect((await readFile(input)).equals(before)).toBe(true);
    }));
});
