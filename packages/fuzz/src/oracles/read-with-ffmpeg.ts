import { spawn } from 'node:child_process';

/** A video as ffmpeg shows it: upright, with edit lists applied. */
export interface ReferenceVideo {
  /** Coded size after the display matrix; pixels may not be square. */
  readonly width: number;
  readonly height: number;
  /** Width of a pixel over its height, after the display matrix. */
  readonly aspect: number;
  /** Frames in RGB, over white where they are transparent. */
  readonly frames: readonly Uint8Array[];
  /** Start of each frame in seconds, on the file's own clock. */
  readonly times: readonly number[];
  /** Rates that ffmpeg reports: average and base rate of the stream. */
  readonly rates: readonly number[];
}

/** Decodes a video with the `ffmpeg` on PATH; undefined where it gives no frame. */
export async function readWithFfmpeg(path: string, decoder?: string): Promise<ReferenceVideo | undefined> {
  const choice = decoder === undefined ? [] : ['-c:v', decoder];
  const filters = 'showinfo,scale=flags=neighbor+accurate_rnd+full_chroma_int,format=rgba';
  const [video, stream] = await Promise.all([
    run('ffmpeg', [
      '-nostdin',
      '-v',
      'info',
      '-copyts',
      ...choice,
      '-i',
      path,
      '-map',
      '0:V:0',
      '-vf',
      filters,
      '-vsync',
      'passthrough',
      '-f',
      'rawvideo',
      'pipe:1',
    ]),
    run('ffprobe', [
      '-v',
      'error',
      '-select_streams',
      'V:0',
      '-show_entries',
      'stream=avg_frame_rate,r_frame_rate',
      '-of',
      'csv=p=0',
      path,
    ]),
  ]);
  const shown = [...video.errors.matchAll(/ pts_time:\s*(\S+) .*? sar:(\d+)\/(\d+) s:(\d+)x(\d+)/g)];
  const first = shown[0];
  if (!first) return undefined;
  const [over, under, width, height] = first.slice(2).map(Number) as [number, number, number, number];
  const frameBytes = width * height * 4;
  return {
    width,
    height,
    aspect: over > 0 && under > 0 ? over / under : 1,
    frames: shown.map((_, index) => overWhite(video.output.subarray(index * frameBytes, (index + 1) * frameBytes))),
    times: shown.map(([, time]) => Number(time)),
    rates: [...stream.output.toString().matchAll(/(\d+)\/(\d+)/g)].map(
      ([, top, bottom]) => Number(top) / Number(bottom),
    ),
  };
}

function overWhite(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let pixel = 0; pixel < rgba.length / 4; pixel++) {
    const opacity = rgba[4 * pixel + 3]! / 255;
    for (let channel = 0; channel < 3; channel++) {
      rgb[3 * pixel + channel] = Math.round(rgba[4 * pixel + channel]! * opacity + 255 * (1 - opacity));
    }
  }
  return rgb;
}

function run(command: string, options: readonly string[]): Promise<{ output: Buffer; errors: string }> {
  const child = spawn(command, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (part: Buffer) => output.push(part));
  child.stderr.on('data', (part: Buffer) => errors.push(part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve({ output: Buffer.concat(output), errors: Buffer.concat(errors).toString() }));
  });
}
