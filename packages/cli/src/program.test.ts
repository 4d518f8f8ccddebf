import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { runChild, runHere } from '../fixtures/command.ts';
import { temporaryFolder, writeY4m } from '../fixtures/files.ts';
import { Interrupted } from './interrupted.ts';

const COMMANDS = ['reconstruct', 'encode', 'decode', 'train', 'convert', 'inspect', 'doctor', 'bench'];
const folder = temporaryFolder();

describe('run', () => {
  it.each(COMMANDS)('explains %s with examples', async (name) => {
    const { code, stdout, stderr } = await runHere([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: od-vae ${name}`);
    expect(stdout).toContain(`Examples:\n  od-vae ${name}`);
    for (const option of ['--json', '--progress', '--quiet']) expect(stdout).toContain(option);
  });

  it('prints its version and its commands', async () => {
    expect((await runHere(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { stdout } = await runHere(['--help']);
    for (const name of COMMANDS) expect(stdout).toContain(`\n  ${name} [options]`);
  });

  it.each([
    [['nothing'], "unknown command 'nothing'"],
    [['inspect'], "missing required argument 'file'"],
    [['inspect', 'x', '--nonsense'], "unknown option '--nonsense'"],
    [['reconstruct', 'x', '--frames', '0'], 'whole number from 1 on'],
    [['reconstruct', 'x', '--frames', '1e3'], 'whole number from 1 on'],
    [['reconstruct', 'x', '--start', '-1'], 'whole number from 0 on'],
    [['reconstruct', 'x', '--fps', '0'], 'above 0 up to 1000'],
    [['reconstruct', 'x', '--crop', '7'], 'such as 256x256'],
    [['reconstruct', 'x', '--tile-frames', '8'], '4n + 1 (try 5)'],
    [['reconstruct', 'x', '--frame-policy', 'hope'], 'pad, trim, error'],
    [
      ['encode', 'x', 'y.mp4'],
      'writes a .safetensors file, or into a folder (with a slash behind it), but the output is "y.mp4"',
    ],
    [['convert', 'x', 'y.ckpt'], 'writes a .safetensors file or a folder'],
    [['convert', 'x', 'y', '--variant', '2'], '--variant belongs to --init'],
    [['convert', 'x', 'y', '--init', 'tail', '--variant', '2', '--release', 'v1.1'], 'cannot be used with'],
  ])('answers %j with exit code 2 and one sentence', async (argv, text) => {
    const { code, stdout, stderr } = await runHere(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^od-vae: [^\n]+\n$/);
    expect(stderr).toContain(text);
  });

  it('shows the help and ends with exit code 2 without a command', async () => {
    const { code, stdout, stderr } = await runHere([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: od-vae');
  });

  it('ends with exit code 130 when it is interrupted', async () => {
    const input = writeY4m(join(folder, 'in.y4m'), { frames: 5, side: 16 });
    const signal = AbortSignal.abort(new Interrupted('SIGINT'));
    const { code, stderr } = await runHere(['reconstruct', input, join(folder, 'never.y4m'), '-b', 'wasm'], signal);
    expect(code).toBe(130);
    expect(stderr).toMatch(/^od-vae: stopped by SIGINT; [^\n]+\n$/);
    expect(existsSync(join(folder, 'never.y4m'))).toBe(false);
  });
});

describe('od-vae', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing half-written on %s', async (name) => {
    const input = writeY4m(join(folder, 'long.y4m'), { frames: 33, side: 48 });
    const target = join(folder, `${name}.y4m`);
    const { code, stderr } = await runChild(
      ['reconstruct', input, target, '--backend', 'wasm', '--progress'],
      (child) => {
        child.stderr!.on('data', (data) => {
          if (String(data).includes('encode')) child.kill(name);
        });
      },
    );
    expect(code).toBe(130);
    expect(stderr).toContain(`od-vae: stopped by ${name}`);
    expect(readdirSync(folder).filter((file) => file.includes(name))).toEqual([]);
  });

  it('is quiet when nobody reads its output', async () => {
    const { stderr } = await runChild(['--help'], (child) => child.stdout!.destroy());
    expect(stderr).toBe('');
  });
});
