import { uniformSource } from '@od-vae/core/base';
import { type ChildProcess, spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterKill, type Remains } from './after-kill.ts';
import { type KillJob, killJobs } from './kill-jobs.ts';

/** One command that was killed. */
export interface KillResult {
  readonly job: string;
  /** When it was killed, after its first file appeared. */
  readonly milliseconds: number;
  readonly remains: Remains;
  /** Files that were being written and now lie there under their temporary names. */
  readonly temporary: number;
  /** Those that are still there after it was run once more. */
  readonly temporaryAfterwards: number;
  /** Run once more, it gave the same bytes as one that nobody killed. */
  readonly sameAfterwards: boolean;
}

const BIN = fileURLToPath(new URL('../../cli/dist/bin.js', import.meta.url));

/** Kills commands with SIGKILL at random moments, in turn, and runs each once more. */
export async function runKills(
  {
    count,
    seed,
    size,
  }: { readonly count: number; readonly seed: number; readonly size?: { frames: number; side: number } | undefined },
  hear: (result: KillResult) => void,
): Promise<KillResult[]> {
  const random = uniformSource(seed);
  const folder = await mkdtemp(join(tmpdir(), 'od-vae-kills-'));
  try {
    const jobs = await killJobs(folder, size);
    const wholes = new Map<KillJob, Whole>();
    const results: KillResult[] = [];
    for (let index = 0; index < count; index++) {
      const job = jobs[index % jobs.length]!;
      const whole = wholes.get(job) ?? (await runWhole(job, folder));
      wholes.set(job, whole);
      const result = await killOnce(job, whole, join(folder, `out-${index}`), random());
      results.push(result);
      hear(result);
    }
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a job gives when it is left alone. */
interface Whole {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** From its first file to its end. */
  readonly milliseconds: number;
}

async function runWhole(job: KillJob, inputs: string): Promise<Whole> {
  const folder = join(inputs, `whole-${job.name}`);
  await mkdir(folder);
  let began = 0;
  await runCommand(job.argv(folder), folder, () => {
    began = performance.now();
  });
  const milliseconds = performance.now() - began;
  // Decoding takes what encoding gave.
  if (job.name === 'encode') await copyFile(join(folder, job.files[0]!), join(inputs, 'latents.safetensors'));
  return { files: await readAll(folder, job.files), milliseconds };
}

async function killOnce(job: KillJob, whole: Whole, folder: string, when: number): Promise<KillResult> {
  await mkdir(folder);
  const previous = await putPrevious(job, folder);
  const milliseconds = when * whole.milliseconds * 1.05;
  await runCommand(job.argv(folder), folder, (child) => setTimeout(() => child.kill('SIGKILL'), milliseconds));
  const { remains, temporary } = await afterKill(folder, whole.files, previous);
  await runCommand(job.argv(folder), folder);
  const { remains: remainsAfterwards, temporary: temporaryAfterwards } = await afterKill(folder, whole.files);
  await rm(folder, { recursive: true });
  return {
    job: job.name,
    milliseconds,
    remains,
    temporary,
    temporaryAfterwards,
    sameAfterwards: remainsAfterwards === 'complete',
  };
}

/** Writes the files that a job replaces. */
async function putPrevious({ previous = [] }: KillJob, folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map(previous.map((path) => [path, Buffer.from(`previous ${path}`)]));
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return files;
}

async function readAll(folder: string, paths: readonly string[]): Promise<Map<string, Uint8Array>> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)));
}

/** Runs the command to its end, also where that is a kill; `onFirstFile` hears when it begins to write into a folder. */
function runCommand(
  argv: readonly string[],
  folder: string,
  onFirstFile: (child: ChildProcess) => void = () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(folder);
    const child = spawn(process.execPath, [BIN, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
    watcher.once('change', () => onFirstFile(child));
    let said = '';
    child.stderr.on('data', (text) => (said += String(text)));
    child.on('close', (code, signal) => {
      watcher.close();
      if (code === 0 || signal === 'SIGKILL') resolve();
      else reject(new Error(`od-vae ${argv[0]} ended with ${code ?? signal}: ${said}`));
    });
  });
}
