import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { createVideoWriter } from '@od-vae/video';
import { beforeAll, describe, expect, it } from 'vitest';

import { runChild, runShell } from '../fixtures/command.ts';
import { checkpoint, temporaryFolder, writeChanged, writeWav, writeY4m } from '../fixtures/files.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  writeFileSync(at('empty.mp4'), '');
  writeFileSync(at('text.mp4'), 'This is a text, whatever it is called.\n'.repeat(20));
  writeWav(at('audio.wav'));
  writeY4m(at('clip.y4m'), { frames: 5, side: 16 });
  writeY4m(at('two.y4m'), { frames: 2, side: 16 });
  writeY4m(at('seven.y4m'), { frames: 1, side: 7 });
  await writeMp4(at('short.mp4'));
  for (const name of ['missing', 'spare', 'misshapen']) {
    mkdirSync(at(name));
    copyFileSync(checkpoint('config.json'), at(`${name}/config.json`));
  }
  await writeChanged(at('missing/model.safetensors'), (tensors) =>
    tensors.filter(({ name }) => name !== 'decoder.conv_in.conv.bias'),
  );
  await writeChanged(at('spare/model.safetensors'), (tensors) => [
    ...tensors,
    { ...tensors[0]!, name: 'decoder.extra' },
  ]);
  await writeChanged(at('misshapen/model.safetensors'), ([first, ...rest]) => [
    { ...first!, shape: [first!.shape.reduce((a, b) => a * b, 1)] },
    ...rest,
  ]);
});

async function writeMp4(path: string): Promise<void> {
  const [width, height] = [64, 64];
  const writer = await createVideoWriter(path, { width, height, fps: 25, quality: 1 });
  for (let frame = 0; frame < 12; frame++) {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * (frame + 7) * 2654435761) >>> 24);
    await writer.write({ width, height, data, timestamp: frame / 25 });
  }
  await writer.finish();
  truncateSync(path, Math.floor(readFileSync(path).length / 2));
}

/** Reconstructs into `out.y4m`, and tells what came of it. */
async function fail(argv: readonly string[]): Promise<{ code: number | null; sentence: string }> {
  const { code, stdout, stderr } = await runChild(['reconstruct', ...argv]);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^od-vae: [^\n]+\n$/);
  return { code, sentence: stderr };
}

describe('od-vae reconstruct', () => {
  it.each([
    ['no file', ['none.mp4'], 1, /no file ".*none\.mp4"/],
    ['an empty file', ['empty.mp4'], 1, /empty\.mp4" must hold a video or an image, but is empty/],
    ['a text named .mp4', ['text.mp4'], 1, /text\.mp4" is not a video/],
    ['a truncated video', ['short.mp4'], 1, /short\.mp4" ends early: \d+ frames? w/],
    ['audio alone', ['audio.wav'], 1, /audio\.wav" .*no video/],
    ['2 frames under --frame-policy error', ['two.y4m', '--frame-policy', 'error'], 1, /2 frames, but needs 4n \+ 1/],
    ['an image of 7x7', ['seven.y4m'], 1, /at least 8x8, but are 7x7/],
    [
      'a missing weight',
      ['clip.y4m', '--model', 'missing'],
      1,
      /needs 176 weights, but 1 is missing: "decoder\.conv_in\.conv\.bias"/,
    ],
    ['a spare weight', ['clip.y4m', '--model', 'spare'], 1, /has 1 weight the model does not use: "decoder\.extra"/],
    [
      'a wrong shape',
      ['clip.y4m', '--model', 'misshapen'],
      1,
      /"encoder\.conv_in\.weight" is \[864\], but the model needs \[32,3,3,3\]/,
    ],
    ['no model', ['clip.y4m', '--model', 'nowhere'], 1, /no file or folder at .*nowhere/],
    ['an unknown backend', ['clip.y4m', '--backend', 'quantum'], 2, /"quantum" is not registered; cpu, simd and wasm/],
  ])('refuses %s in one sentence and writes nothing', async (_, [input, ...options], exitCode, expected) => {
    const before = readdirSync(folder);
    const paths = options.map((option, index) => (options[index - 1] === '--model' ? at(option) : option));
    const backend = options.includes('--backend') ? [] : ['--backend', 'wasm'];
    const { code, sentence } = await fail([at(input!), at('out.y4m'), ...backend, ...paths]);
    expect(sentence).toMatch(expected);
    expect(code).toBe(exitCode);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('refuses to write images over those it reads', async () => {
    const { code, sentence } = await fail([at('%02d.png'), at('%02d.png')]);
    expect(code).toBe(2);
    expect(sentence).toContain('must be another file than the input');
  });

  it('refuses to write over its input', async () => {
    const before = readFileSync(at('clip.y4m'));
    const { code, sentence } = await fail([at('clip.y4m'), at('clip.y4m')]);
    expect(code).toBe(2);
    expect(sentence).toContain('must be another file than the input');
    expect(readFileSync(at('clip.y4m'))).toEqual(before);
  });
});

describe('a closed pipe', () => {
  it('is no error: the command does its work and says nothing', async () => {
    const outcome = await runChild(['inspect', at('clip.y4m'), '--json'], (child) => child.stdout!.destroy());
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.skipIf(process.platform === 'win32')('may be closed after some bytes of the output', async () => {
    const { code, stdout, stderr } = await runShell(
      `set -o pipefail; od-vae inspect '${at('clip.y4m')}' --json | head -c 10`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('{"kind":"v');
  });

  it('does not end a command that writes a file', async () => {
    const output = at('piped.safetensors');
    const argv = ['encode', at('clip.y4m'), output, '--backend', 'wasm', '--progress'];
    const { code } = await runChild(argv, (child) => {
      child.stdout!.destroy();
      child.stderr!.destroy();
    });
    expect(code).toBe(0);
    expect(existsSync(output)).toBe(true);
    rmSync(output);
  });
});

describe('a full disk', () => {
  it('is said in one sentence, and the parts are taken away', async ({ skip }) => {
    const disk = at('disk');
    if (!mountSmallDisk(disk)) skip('only root can mount a small disk');
    try {
      writeY4m(at('large.y4m'), { frames: 5, side: 64 });
      const video = await fail([at('large.y4m'), join(disk, 'out.y4m'), '--backend', 'wasm', '--quiet']);
      expect(video).toEqual({ code: 1, sentence: expect.stringContaining('no space is left on the disk') });
      const weights = await runChild(['convert', checkpoint('osp-training.ckpt'), `${disk}/model/`]);
      expect(weights.code).toBe(1);
      expect(weights.stderr).toMatch(
        /^od-vae: ".*disk\/model\/.*" could not be written: no space is left on the disk\.\n$/,
      );
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('a limit on the size of files', () => {
  it.skipIf(process.platform === 'win32').each([
    ['reconstruct', 'out.y4m'],
    ['reconstruct', 'out.mp4'],
    ['encode', 'out.safetensors'],
  ])('is said in one sentence by %s to %s, and nothing is left', async (command, name) => {
    const before = readdirSync(folder);
    writeY4m(at('limit.y4m'), { frames: 9, side: 64 });
    // Counted in blocks of 1024 bytes.
    const line = `ulimit -f 2; od-vae ${command} '${at('limit.y4m')}' '${at(name)}' --backend wasm --quiet`;
    const { code, stdout, stderr } = await runShell(line);
    rmSync(at('limit.y4m'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^od-vae: [^\n]*could not be written: the file would be larger than the system allows\.\n$/);
    expect(readdirSync(folder)).toEqual(before);
  });
});

/** A disk of 16 KiB, where this user may mount one. */
function mountSmallDisk(path: string): boolean {
  try {
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
