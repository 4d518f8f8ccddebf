import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MediaError } from '@od-vae/core/base';
import { checkTransfer, matrixFromTag, storedColor } from '../color-tags.ts';
import { checkSize } from '../limits.ts';
import { squareSize } from '../square-size.ts';
import type { VideoInfo } from '../types.ts';
import { orientationFromMatrix, type Orientation } from '../orientation.ts';
import { type PictureTags, probeFirstFrame } from './first-frame.ts';
import { inputArguments } from './ffmpeg-tools.ts';
import { type RawFormat, rawFormat } from './raw-format.ts';

/** What ffprobe says about the first video stream of a file. */
export interface FfmpegProbe {
  readonly info: VideoInfo;
  /** Stored size, before rotation and with pixels of any shape. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly raw: RawFormat;
  readonly orientation: Orientation;
  /** Whether this ffmpeg would crop as the container is tagged; older ones do not. */
  readonly cropsContainer: boolean;
  /** Start of each frame in seconds, ascending. */
  readonly timestamps: readonly number[];
}

interface ProbeStream extends PictureTags {
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly sample_aspect_ratio?: string;
  readonly avg_frame_rate?: string;
  readonly r_frame_rate?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly tags?: Readonly<Record<string, string>>;
}

interface ProbeOutput {
  readonly streams?: readonly ProbeStream[];
  readonly packets?: readonly { readonly pts_time?: string }[];
  readonly format?: { readonly format_name?: string };
}

/** Most bytes of ffprobe's answer; a ten-hour video at 60 frames a second gives about 200 MB. */
const MAX_ANSWER = 2 ** 28;

/** Asks ffprobe about a file; refuses what is no video. */
export async function probeWithFfmpeg(path: string, name: string): Promise<FfmpegProbe> {
  const [answer, first] = await Promise.all([runProbe(path, name), probeFirstFrame(path)]);
  const container = answer.streams?.find((one) => one.codec_type === 'video' && one.disposition?.attached_pic !== 1);
  if (!container) {
    throw new MediaError(`openVideo: ${name} has no video track${answer.streams?.length ? ', only sound' : ''}.`);
  }
  const stream = mergeTags(container, first);
  checkTransfer(stream.color_transfer === 'smpte2084', name);
  const timed = (answer.packets ?? []).filter((packet) => Number.isFinite(Number(packet.pts_time)));
  const timestamps = timed.map((packet) => Number(packet.pts_time)).sort((left, right) => left - right);
  const raw = await rawFormat(stream, name);
  return describe(stream, raw, timestamps, (answer.packets ?? []).length, answer.format?.format_name ?? '', name);
}

/** The tags of the stream count where the container has others, as in FFmpeg. */
function mergeTags(container: ProbeStream, first: PictureTags): ProbeStream {
  return {
    ...container,
    ...first,
    side_data_list: [...(first.side_data_list ?? []), ...(container.side_data_list ?? [])],
  };
}

async function runProbe(path: string, name: string): Promise<ProbeOutput> {
  const what = ['-show_streams', '-show_format', '-show_entries', 'packet=pts_time'];
  try {
    const { stdout } = await promisify(execFile)(
      'ffprobe',
      ['-v', 'error', '-of', 'json=c=1', '-select_streams', 'v', ...what, ...inputArguments(path)],
      { maxBuffer: MAX_ANSWER },
    );
    return JSON.parse(stdout) as ProbeOutput;
  } catch (cause) {
    throw new MediaError(
      `openVideo: ${name} is not a video, GIF or image: neither mediabunny nor ffprobe knows its format.`,
      { cause },
    );
  }
}

function describe(
  stream: ProbeStream,
  raw: RawFormat,
  timestamps: readonly number[],
  frameCount: number,
  formatName: string,
  name: string,
): FfmpegProbe {
  const { width: codedWidth = 0, height: codedHeight = 0 } = stream;
  const orientation = orientationOf(stream, name);
  checkSize(`openVideo: ${name}`, codedWidth, codedHeight);
  const shown = shownSize(stream, orientation, codedWidth, codedHeight);
  checkSize(`openVideo: ${name}`, shown.width, shown.height);
  const span = timestamps.length > 1 ? timestamps.at(-1)! - timestamps[0]! : 0;
  const fps = rateOf(stream, span > 0 ? (timestamps.length - 1) / span : undefined);
  return {
    codedWidth,
    codedHeight,
    raw,
    orientation,
    cropsContainer: stream.side_data_list?.some((one) => one.side_data_type === 'Frame Cropping') === true,
    timestamps: timestamps.length === frameCount ? timestamps : [],
    info: {
      ...shown,
      fps,
      frameCount,
      duration: span > 0 ? span + 1 / fps : frameCount / fps,
      codec: codecName(stream.codec_name ?? 'unknown'),
      container: containerName(formatName),
      rotation: orientation.rotation,
      colour: colorOf(stream, raw, codedHeight, name),
    },
  };
}

/** The rate the file names where its frames keep it, else their average. */
function rateOf(stream: ProbeStream, average: number | undefined): number {
  const named = ratio(stream.avg_frame_rate, '/') ?? ratio(stream.r_frame_rate, '/');
  return named !== undefined && (average === undefined || Math.abs(named / average - 1) < 0.01)
    ? named
    : (average ?? 25);
}

function shownSize(stream: ProbeStream, { rotation }: Orientation, codedWidth: number, codedHeight: number) {
  const aspect = ratio(stream.sample_aspect_ratio, ':') ?? 1;
  const { width, height } = squareSize(codedWidth, codedHeight, aspect);
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

function colorOf(stream: ProbeStream, raw: RawFormat, height: number, name: string): VideoInfo['colour'] {
  const fullRange = stream.color_range === 'pc' || (stream.pix_fmt ?? '').startsWith('yuvj');
  return storedColor(
    { matrix: raw.rgb ? 'rgb' : matrixFromTag(stream.color_space, name), fullRange },
    raw,
    height,
    name,
  );
}

/** The display matrix as ffprobe prints it: three lines of an offset and three numbers. */
function orientationOf({ side_data_list: sideData, tags }: ProbeStream, name: string): Orientation {
  const printed = sideData?.find((one) => one.displaymatrix !== undefined)?.displaymatrix;
  if (printed === undefined) {
    const degrees = Math.round(Number(tags?.['rotate'] ?? 0) / 90) * 90;
    return { rotation: ((degrees % 360) + 360) % 360, flip: false };
  }
  const [a = 1, b = 0, , c = 0, d = 1] = printed.replace(/^\w+:/gm, '').trim().split(/\s+/).map(Number);
  return orientationFromMatrix([a, b, c, d], name);
}

function ratio(text: string | undefined, separator: string): number | undefined {
  const [over, under] = (text ?? '').split(separator).map(Number);
  const value = (over ?? 0) / (under ?? 0);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

function codecName(name: string): string {
  return name === 'h264' ? 'avc' : name;
}

/** ffprobe names families, such as `mov,mp4,m4a,3gp,3g2,mj2` and `matroska,webm`. */
function containerName(family: string): string {
  return family.includes('mp4') ? 'mp4' : (family.split(',')[0] ?? family);
}
