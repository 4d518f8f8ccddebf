import { run } from '@od-vae/cli';
import { openVideo } from '@od-vae/video';
import { openCheckpoint } from '@od-vae/weights';
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { readLatentsFile, useBackend } from 'od-vae';

import { type CommandLine, commandLines } from '../command-lines.ts';
import { repositoryFile } from '../corpus.ts';
import { writeNarrowModel, y4mClip } from '../small-files.ts';
import { SilentError, type Target, type Verdict } from '../target.ts';

/** What a command left behind. */
interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Traces of a mistake of ours, outside what is quoted of the user's words. */
const UNCLEAR = /undefined|\bNaN\b|\[object|\bat \S+ \(/;
const QUOTED = /"[^"]*"|'[^']*'/g;

let model: Promise<string> | undefined;

/** Command lines of every command and option: done and a whole file, or one sentence and no file. */
export const options: Target<CommandLine> = {
  name: 'options',
  weight: 600,
  inputs: () => commandLines((argv) => inProcess(argv).then(({ stdout }) => stdout)),
  describe: ({ argv }) => `od-vae ${argv.map((word) => JSON.stringify(word)).join(' ')}`,
  run: async (line) => {
    const folder = await mkdtemp(join(tmpdir(), 'od-vae-fuzz-'));
    const home = process.cwd();
    try {
      await fillFolder(folder);
      process.chdir(folder);
      const before = await readdir(folder);
      const outcome = await offline(() => inProcess([...line.argv, ...(line.takesModel ? ['--model', 'narrow'] : [])]));
      return await judge(line, outcome, before);
    } finally {
      process.chdir(home);
      await rm(folder, { recursive: true });
    }
  },
  close: async () => {
    if (model) await rm(await model, { recursive: true });
    model = undefined;
  },
};

async function fillFolder(folder: string): Promise<void> {
  model ??= makeModel();
  await symlink(await model, join(folder, 'narrow'));
  await writeFile(join(folder, 'clip.y4m'), y4mClip({ frames: 6, side: 18 }));
  await writeFile(
    join(folder, 'latents.safetensors'),
    await repositoryFile('packages/fuzz/corpus/latents.safetensors'),
  );
  await writeFile(join(folder, 'text.txt'), 'This is no video.\n');
  await cp(
    new URL('../../../../packages/weights/fixtures/checkpoints/views.pt', import.meta.url),
    join(folder, 'views.pt'),
  );
}

async function makeModel(): Promise<string> {
  await useBackend('simd');
  const folder = await mkdtemp(join(tmpdir(), 'od-vae-model-'));
  await writeNarrowModel(folder);
  return folder;
}

async function inProcess(argv: readonly string[]): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const sink = new Writable({
    write: (chunk, _, done) => {
      stderr += String(chunk);
      done();
    },
  });
  const { signal } = new AbortController();
  const code = await run(argv, { stdout: { write: (text) => (stdout += text) }, stderr: sink, env: {}, signal });
  return { code, stdout, stderr };
}

/** No input reaches the network. */
async function offline<Result>(body: () => Promise<Result>): Promise<Result> {
  const { fetch } = globalThis;
  globalThis.fetch = async () => {
    throw new TypeError('fetch failed');
  };
  try {
    return await body();
  } finally {
    globalThis.fetch = fetch;
  }
}

async function judge(
  line: CommandLine,
  { code, stdout, stderr }: Outcome,
  before: readonly string[],
): Promise<Verdict> {
  const after = await readdir('.');
  if (code === 0) {
    if (line.nonsense) throw new SilentError(`${line.nonsense} was accepted`);
    await readOutput(line, stdout);
    return { kind: 'follows' };
  }
  const lines = stderr.trimEnd().split('\n');
  const sentence = lines.at(-1)!;
  if (code !== 1 && code !== 2) throw new Error(`the exit code is ${code}`);
  if (stdout !== '' && !line.argv.includes('--help'))
    throw new Error(`it failed, but printed ${JSON.stringify(stdout.slice(0, 200))}`);
  const helped = lines.some((one) => one.startsWith('Usage:'));
  if (!helped && (!/^od-vae: .{3,}[.!?)]$/.test(sentence) || UNCLEAR.test(sentence.replaceAll(QUOTED, '')))) {
    throw new Error(`no clear sentence: ${JSON.stringify(stderr.slice(0, 500))}`);
  }
  if (`${after}` !== `${before}`)
    throw new SilentError(`it failed (${sentence}), but left ${after.filter((name) => !before.includes(name))}`);
  return { kind: 'refused', sentence };
}

/** What a command says it wrote must be there, and be whole. */
async function readOutput({ argv }: CommandLine, stdout: string): Promise<void> {
  const [command] = argv;
  const said = /^output +(.+)$/m.exec(stdout)?.[1] ?? /^weights +(.+)$/m.exec(stdout)?.[1] ?? jsonOutput(stdout);
  if (said === undefined) return;
  if (command === 'encode') await readLatentsFile(said);
  if (command === 'convert') await (await openCheckpoint(said)).close();
  if (command !== 'decode' && command !== 'reconstruct') return;
  await using reader = await openVideo(said);
  let count = 0;
  for await (const _ of reader.frames()) count += 1;
  if (count === 0) throw new SilentError(`${said} has no frame`);
}

function jsonOutput(stdout: string): string | undefined {
  if (!stdout.startsWith('{')) return undefined;
  return (JSON.parse(stdout) as { output?: string | null }).output ?? undefined;
}
