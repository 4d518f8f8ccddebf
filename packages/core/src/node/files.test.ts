import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  isTemporaryName,
  processMark,
  processState,
  removeAbandoned,
  stageFile,
  temporaryPath,
  writeAtomically,
} from '../files.ts';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'od-vae-files-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
  rmSync(folder, { recursive: true });
});

/** A process that has begun to write a file and never ends. */
async function startWriter(path: string): Promise<ChildProcess> {
  const script = `
    const { stageFile } = await import(${JSON.stringify(new URL('../../dist/files.js', import.meta.url).href)});
    await stageFile(${JSON.stringify(path)}, (async function* () {
      yield Uint8Array.of(1, 2, 3);
      console.log('begun');
      await new Promise((resolve) => setTimeout(resolve, 1e6));
    })());`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout!, 'data');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

describe('writeAtomically', () => {
  it('writes texts and pieces of bytes, and leaves nothing beside them', async () => {
    await writeAtomically(join(folder, 'a.txt'), 'one');
    await writeAtomically(join(folder, 'a.txt'), 'two');
    await writeAtomically(join(folder, 'b.bin'), pieces('th', '', 'ree'));
    expect(readdirSync(folder).toSorted()).toEqual(['a.txt', 'b.bin']);
    expect([readFileSync(join(folder, 'a.txt'), 'utf8'), readFileSync(join(folder, 'b.bin'), 'utf8')]).toEqual([
      'two',
      'three',
    ]);
  });

  it('leaves nothing of content that fails, and the file that was there', async () => {
    writeFileSync(join(folder, 'a.txt'), 'old');
    const failing = (async function* () {
      yield Uint8Array.of(1);
      throw new Error('no more');
    })();
    await expect(writeAtomically(join(folder, 'a.txt'), failing)).rejects.toThrow('no more');
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('leaves nothing where the place is taken by a folder', async () => {
    mkdirSync(join(folder, 'a'));
    await expect(writeAtomically(join(folder, 'a'), 'x')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it.each(['n'.repeat(255), 'é'.repeat(127), '🎬'.repeat(63)])(
    'writes a file whose name is as long as names can be',
    async (name) => {
      await writeAtomically(join(folder, name), 'x');
      expect(readdirSync(folder)).toEqual([name]);
    },
  );
});

describe('stageFile', () => {
  it('shows the file when it is put in its place, and not before', async () => {
    const file = await stageFile(join(folder, 'a.txt'), 'x');
    expect(readdirSync(folder).map(isTemporaryName)).toEqual([true]);
    await file.commit();
    await file.discard();
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('takes away what a killed process left, and not what a living one writes', { timeout: 120_000 }, async () => {
    const path = join(folder, 'a.bin');
    const [killed, living] = [await startWriter(path), await startWriter(path)];
    expect(readdirSync(folder)).toHaveLength(2);
    await writeAtomically(path, 'x');
    expect(readdirSync(folder)).toHaveLength(3);
    await end(killed);
    await writeAtomically(path, 'y');
    const left = readdirSync(folder).filter((name) => name !== 'a.bin');
    expect(left).toHaveLength(1);
    expect(left[0]).toContain(`-${living.pid}-`);
  });
});

describe('removeAbandoned', () => {
  const ended = processMark(2 ** 30);
  const named = (mark: string) => basename(temporaryPath('a.txt')).replace(processMark(), mark);

  it('removes files, folders and links of ended processes, and nothing that they lead to', async () => {
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(folder, 'outside/kept'), 'x');
    symlinkSync(join(folder, 'outside'), join(folder, named(ended)));
    const inner = join(folder, named(ended).replace('.a', '.b'));
    mkdirSync(inner);
    writeFileSync(join(inner, 'state'), 'x');
    await removeAbandoned(folder);
    expect(readdirSync(folder)).toEqual(['outside']);
    expect(readdirSync(join(folder, 'outside'))).toEqual(['kept']);
  });

  it.each([
    ['that somebody else named', '.a.txt.tmp'],
    ['of this process', named(processMark())],
    ['of another machine', named(`00000000-${2 ** 30}-5`)],
    ['without a process', named('x')],
  ])('leaves a file %s', async (_, name) => {
    writeFileSync(join(folder, name), 'x');
    await removeAbandoned(folder);
    expect(readdirSync(folder)).toEqual([name]);
  });

  it('does nothing where there is no folder', async () => {
    await expect(removeAbandoned(join(folder, 'none'))).resolves.toBeUndefined();
  });
});

describe('processState', () => {
  it('tells a process from a later one of the same number, where the system says when it was started', () => {
    const [place, id, start] = processMark().split('-');
    expect(processState(processMark())).toBe('running');
    expect(processState(`${place}-${id}-${Number(start) + 1}`)).toBe(Number(start) === 0 ? 'running' : 'ended');
    expect(processState(`00000000-${id}-${start}`)).toBe('unknown');
  });
});
