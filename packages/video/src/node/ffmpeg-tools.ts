import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The `ffmpeg` and `ffprobe` found on PATH. */
export interface FfmpegTools {
  /** As it names itself, e.g. `7.0.2`. */
  readonly version: string;
  /** Option that keeps every frame as it comes; renamed in FFmpeg 5.1. */
  readonly everyFrame: readonly [string, string];
  /** Filter that logs the time of each frame; since FFmpeg 4.3 it can do without checksums, which take time. */
  readonly showTimes: string;
}

let finding: Promise<FfmpegTools | undefined> | undefined;

/** Looks for `ffmpeg` and `ffprobe` on PATH, once; undefined where either is missing. */
export function findFfmpeg(): Promise<FfmpegTools | undefined> {
  finding ??= find();
  return finding;
}

async function find(): Promise<FfmpegTools | undefined> {
  try {
    const run = promisify(execFile);
    const [{ stdout }] = await Promise.all([run('ffmpeg', ['-version']), run('ffprobe', ['-version'])]);
    const match = /^ffmpeg version (\S+).*?\b\d{4}-(\d{4})\b/s.exec(stdout);
    const year = Number(match?.[2] ?? 0);
    return {
      version: match?.[1] ?? 'unknown',
      showTimes: year >= 2021 ? 'showinfo=checksum=0' : 'showinfo',
      everyFrame: year >= 2023 ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'],
    };
  } catch {
    return undefined;
  }
}

/** Names of the encoders this ffmpeg has. */
export async function listEncoders(): Promise<ReadonlySet<string>> {
  const { stdout } = await promisify(execFile)('ffmpeg', ['-hide_banner', '-encoders']);
  return new Set([...stdout.matchAll(/^ V\S+ (\S+)/gm)].map((match) => match[1]!));
}

/** Returns the names of the video decoders of this ffmpeg. */
export async function listDecoders(): Promise<ReadonlySet<string>> {
  const { stdout } = await promisify(execFile)('ffmpeg', ['-hide_banner', '-decoders']);
  return new Set([...stdout.matchAll(/^ V\S+ (\S+)/gm)].map((match) => match[1]!));
}

/** Arguments that name an input: never an option, and no protocol but files. */
export function inputArguments(path: string): string[] {
  return ['-protocol_whitelist', 'file,pipe', '-i', `file:${path}`];
}
