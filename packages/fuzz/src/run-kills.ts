import { uniformSource } from '@od-vae/core/base';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterKill, type Remains } from './after-kill.ts';
import { type KillJob, killJobs } from './kill-jobs.ts';

/** One command that was killed. */
export interface KillResult {
  readonly job: string;
  /** When it was killed, after its start. */
  readonly milliseconds: number;
  readonly remains: Remains;
  /** Files that were being written and now lie there under their temporary names. */
  readonly temporary: number;
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
  readonly milliseconds: number;
  readonly takesResume: boolean;
}

async function runWhole(job: KillJob, inputs: string): Promise<Whole> {
  const folder = join(inputs, `whole-${job.name}`);
  await mkdir(folder);
  const began = performance.now();
  await runCommand(job.argv(folder));
  const milliseconds = performance.now() - began;
  // Decoding takes what encoding gave.
  if (job.name === 'encode') await copyFile(join(folder, job.files[0]!), join(inputs, 'latents.safetensors'));
  const help = await runCommand([job.name, '--help']);
  return { files: await readAll(folder, job.files), milliseconds, takesResume: help.includes('--resume') };
}

async function killOnce(job: KillJob, whole: Whole, folder: string, when: number): Promise<KillResult> {
  await mkdir(folder);
  const milliseconds = when * whole.milliseconds * 1.05;
  await runCommand(job.argv(folder), milliseconds);
  const { remains, temporary } = await afterKill(folder, whole.files);
  await runCommand([...job.argv(folder), ...(whole.takesResume ? ['--resume'] : [])]);
  const again = await readAll(folder, job.files);
  const sameAfterwards = [...whole.files].every(([path, bytes]) => Buffer.compare(bytes, again.get(path)!) === 0);
  await rm(folder, { recursive: true });
  return { job: job.name, milliseconds, remains, temporary, sameAfterwards };
}

async function readAll(folder: string, paths: readonly string[]): Promise<Map<string, Uint8Array>> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)));
}

/** Runs the command to its end, or to a moment at which it is killed; gives what it printed. */
function runCommand(argv: readonly string[], killAfter?: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [printed, said] = ['', ''];
    child.stdout.on('data', (text) => (printed += String(text)));
    child.stderr.on('data', (text) => (said += String(text)));
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === 'SIGKILL') resolve(printed);
      else reject(new Error(`od-vae ${argv[0]} ended with ${code ?? signal}: ${said}`));
    });
  });
}
