import { spawn } from 'node:child_process';

/** What ffmpeg makes of a video file. */
export interface FfmpegDecoding {
  /** The frames in RGB, as far as they came. */
  readonly frames: readonly Uint8Array[];
  /** What a decoder complained about first; empty where none saw anything wrong. */
  readonly complaint: string;
}

/** Lines that speak of pictures; others speak of the file around them, which may be odd and still be read. */
const DECODERS = /^\[(?:h264|hevc|vp[89]|libvpx[^ ]*|av1|libdav1d|mpeg4) @/;

/** Decodes the first frames of a file with the `ffmpeg` on PATH, every frame as it is stored, in RGB. */
export async function decodeWithFfmpeg(path: string, frameBytes: number, most: number): Promise<FfmpegDecoding> {
  const arguments_ = ['-nostdin', '-v', 'error', '-noautorotate', '-i', `file:${path}`, '-map', '0:V:0'];
  const output = ['-vsync', 'passthrough', '-frames:v', `${most}`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'];
  const child = spawn('ffmpeg', [...arguments_, ...output], { stdio: ['ignore', 'pipe', 'pipe'] });
  const parts: Buffer[] = [];
  let complaint = '';
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(0, 2000)));
  await new Promise((ended) => child.on('close', ended).on('error', ended));
  const all = Buffer.concat(parts);
  const count = Math.floor(all.length / frameBytes);
  const frames = Array.from({ length: count }, (_, index) =>
    all.subarray(index * frameBytes, (index + 1) * frameBytes),
  );
  return { frames, complaint: complaint.split('\n').find((line) => DECODERS.test(line)) ?? '' };
}

/** Mean distance of two pictures, 0 to 255. */
export function pictureDistance(left: Uint8Array, right: Uint8Array): number {
  if (left.length !== right.length) return 255;
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += Math.abs(left[index]! - right[index]!);
  return sum / Math.max(1, left.length);
}
