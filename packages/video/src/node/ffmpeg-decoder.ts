import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type FfmpegTools, inputArguments } from './ffmpeg-tools.ts';
import { exitOf, plainComplaint } from './watch-child.ts';

/** How a video stream is decoded. */
export interface DecoderOptions {
  /** Name of the decoder; the default of ffmpeg where undefined. */
  readonly decoder: string | undefined;
  /** Further options of the input. */
  readonly inputOptions: readonly string[];
  /** Filters of every frame. */
  readonly filters: string;
  /** Options of the output, and where it goes. */
  readonly output: readonly string[];
  /** Shows a file that was cut without encoding again although its first frames refer to what was cut off. */
  readonly isCut: boolean;
}

/** A running ffmpeg that decodes the first video stream of a file. */
export interface Decoder {
  readonly output: Readable;
  /** Resolves to its exit code; null where it was killed, -1 where it never started. */
  readonly exit: Promise<number | null>;
  /** Returns the time of a frame in seconds, on the file's own clock; undefined where ffmpeg has none for it. */
  time(index: number): Promise<number | undefined>;
  /** Returns the last error of ffmpeg, without a full stop; empty where there is none. */
  complaint(): string;
  /** Returns whether errors were logged after the first frame. */
  hasFailed(): boolean;
  kill(): void;
}

/** Starts ffmpeg; what it reports about frames and errors is read from its log. */
export function startDecoder(
  path: string,
  tools: FfmpegTools,
  { decoder, filters, inputOptions, output, isCut }: DecoderOptions,
): Decoder {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    'ffmpeg',
    [
      '-nostdin',
      '-hide_banner',
      '-nostats',
      '-v',
      'level+info',
      '-noautorotate',
      // Without these, ffmpeg paints over what it cannot decode and ends as if nothing had been wrong.
      ...(isCut ? [] : ['-xerror', '-err_detect', 'crccheck+explode']),
      '-copyts',
      ...inputOptions,
      ...(decoder === undefined ? [] : ['-c:v', decoder]),
      ...inputArguments(path),
      '-map',
      '0:V:0',
      ...tools.everyFrame,
      '-vf',
      [tools.showTimes, filters].join(','),
      ...output,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true },
  );
  return { output: child.stdout, exit: exitOf(child), ...readLog(child.stderr), kill: () => void child.kill() };
}

/** Gathers the times that the filter `showinfo` reports, and the last error. */
function readLog(stream: Readable): Pick<Decoder, 'time' | 'complaint' | 'hasFailed'> {
  const log = { times: [] as number[], problem: '', hasFailed: false, hasEnded: false };
  let waiting: (() => void)[] = [];
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  createInterface({ input: stream })
    .on('line', (line) => {
      const [, time] = /^\[\S*showinfo\S* @ .* pts_time: *(\S+)/.exec(line) ?? [];
      if (time !== undefined) log.times.push(Number(time));
      else if (/\[(?:error|fatal|panic)\]|^Assertion /.test(line)) {
        log.problem = line;
        log.hasFailed ||= log.times.length > 0;
      }
      wake();
    })
    .on('close', () => {
      log.hasEnded = true;
      wake();
    });
  return {
    complaint: () => plainComplaint(log.problem),
    hasFailed: () => log.hasFailed,
    time: async (index) => {
      while (index >= log.times.length && !log.hasEnded) await new Promise<void>((resolve) => waiting.push(resolve));
      const time = log.times[index];
      return time === undefined || Number.isNaN(time) ? undefined : time;
    },
  };
}

/**
 * Decodes a file to its end and returns the times of its frames in seconds; undefined where it cannot be decoded, or
 * ffmpeg has no times.
 */
export async function decodedTimes(
  path: string,
  tools: FfmpegTools,
  options: Pick<DecoderOptions, 'decoder' | 'isCut'>,
): Promise<number[] | undefined> {
  const running = startDecoder(path, tools, {
    ...options,
    inputOptions: [],
    filters: 'null',
    output: ['-f', 'null', '-'],
  });
  running.output.resume();
  if ((await running.exit) !== 0) return undefined;
  const times: number[] = [];
  for (let time = await running.time(0); time !== undefined; time = await running.time(times.length)) times.push(time);
  return times;
}
