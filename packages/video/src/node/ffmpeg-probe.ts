import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MediaError } from '@od-vae/core/base';
import { checkTransfer, matrixFromTag, storedColor } from '../color-tags.ts';
import { checkSize } from '../limits.ts';
import { squareSize } from '../square-size.ts';
import type { VideoInfo } from '../types.ts';
import { orientationFromMatrix, type Orientation } from '../orientation.ts';
import { decodedTimes } from './ffmpeg-decoder.ts';
import { type FfmpegTools, inputArguments } from './ffmpeg-tools.ts';
import { type PictureTags, probeFirstFrame } from './first-frame.ts';
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
  /** The file was cut without encoding again, so that its first frames refer to what was cut off. */
  readonly isCut: boolean;
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

interface ProbePacket {
  readonly pts_time?: string;
  readonly dts_time?: string;
  /** `K` for a key frame, `D` for one that an edit list hides. */
  readonly flags?: string;
}

interface ProbeOutput {
  readonly streams?: readonly ProbeStream[];
  readonly packets?: readonly ProbePacket[];
  readonly format?: { readonly format_name?: string };
}

/** Most bytes of ffprobe's answer; a ten-hour video at 60 frames a second gives about 200 MB. */
const MAX_ANSWER = 2 ** 28;

/** Pixels of all frames up to which a file is decoded to count them; 1080p is decoded at some 200 million a second. */
const MOST_COUNTED = 2 ** 29;

/** Reads the properties of the first video stream of a file; refuses what is no video. */
export async function probeWithFfmpeg(path: string, name: string, tools: FfmpegTools): Promise<FfmpegProbe> {
  const [answer, first] = await Promise.all([runProbe(path, name), probeFirstFrame(path)]);
  const container = answer.streams?.find((one) => one.codec_type === 'video' && one.disposition?.attached_pic !== 1);
  if (!container) {
    throw new MediaError(`openVideo: ${name} has no video track${(await hasSound(path)) ? ', only sound' : ''}.`);
  }
  const stream = mergeTags(container, first);
  checkTransfer(stream.color_transfer === 'smpte2084', name);
  const raw = await rawFormat(stream, name);
  const { width: codedWidth = 0, height: codedHeight = 0 } = stream;
  const orientation = orientationOf(stream, name);
  checkSize(`openVideo: ${name}`, codedWidth, codedHeight);
  const shown = shownSize(stream, orientation, codedWidth, codedHeight);
  checkSize(`openVideo: ${name}`, shown.width, shown.height);
  const { packets = [] } = answer;
  const isCut = beginsWithin(packets);
  const info = {
    ...shown,
    ...(await timesOf(path, tools, { stream, packets, decoder: raw.decoder, isCut })),
    codec: codecName(stream.codec_name ?? 'unknown'),
    container: containerName(answer.format?.format_name ?? ''),
    rotation: orientation.rotation,
    colour: colorOf(stream, raw, codedHeight, name),
  };
  const cropsContainer = stream.side_data_list?.some((one) => one.side_data_type === 'Frame Cropping') === true;
  return { info, codedWidth, codedHeight, raw, orientation, cropsContainer, isCut };
}

async function hasSound(path: string): Promise<boolean> {
  const list = ['-v', 'error', '-select_streams', 'a', '-show_entries', 'stream=index', '-of', 'csv=p=0'];
  const { stdout } = await promisify(execFile)('ffprobe', [...list, ...inputArguments(path)]);
  return stdout.trim() !== '';
}

/**
 * Returns rate, count and duration.
 *
 * Packets are not frames: a decoder drops those that are hidden, or build on what was cut off, and some containers have
 * no times for some. Where not every packet is a key frame with a time, short files are therefore decoded once to
 * count; the count of long ones stays unknown.
 */
async function timesOf(
  path: string,
  tools: FfmpegTools,
  options: {
    readonly stream: ProbeStream;
    readonly packets: readonly ProbePacket[];
    readonly decoder: string | undefined;
    readonly isCut: boolean;
  },
): Promise<Pick<VideoInfo, 'fps' | 'frameCount' | 'duration'>> {
  const { stream, packets } = options;
  const packetTimes = packets
    .map(({ pts_time: shown, dts_time: decoded }) => Number(shown ?? decoded))
    .filter(Number.isFinite)
    .sort((left, right) => left - right);
  const { width = 0, height = 0 } = stream;
  const isExact =
    packetTimes.length === packets.length &&
    packets.every(({ flags = '', pts_time: time }) => time !== undefined && /^K_?$/.test(flags));
  const exact = isExact
    ? packetTimes
    : width * height * packets.length <= MOST_COUNTED
      ? await decodedTimes(path, tools, options)
      : undefined;
  // Times that descend are refused where the frames are read.
  const times = exact?.toSorted((left, right) => left - right) ?? packetTimes;
  const span = times.length > 1 ? times.at(-1)! - times[0]! : 0;
  const fps = rateOf(stream, times, span);
  return { fps, frameCount: exact?.length, duration: span > 0 ? span + 1 / fps : times.length / fps };
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
  const what = ['-show_streams', '-show_format', '-show_entries', 'packet=pts_time,dts_time,flags'];
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

/** Share of the frames that keep the rate of the file, from which on it is that rate. */
const STEADY = 0.9;

/** Returns the rate that the file names where its frames keep it, else their average. */
function rateOf(stream: ProbeStream, times: readonly number[], span: number): number {
  const named = [stream.avg_frame_rate, stream.r_frame_rate].flatMap((rate) => ratio(rate, '/') ?? []);
  if (span === 0) return named[0] ?? 25;
  const average = (times.length - 1) / span;
  const isKept = (rate: number) => {
    // Times may be in milliseconds.
    const isStep = (time: number, index: number) => Math.abs(time - times[index]! - 1 / rate) < 0.01 / rate + 1e-3;
    return times.slice(1).filter(isStep).length >= STEADY * (times.length - 1) || Math.abs(rate / average - 1) < 0.01;
  };
  return named.find(isKept) ?? average;
}

/**
 * Returns whether the first frames of a file refer to frames that it lacks: where it does not begin with a key frame,
 * hides its first frame, or has frames that are decoded after the first key frame and shown before it.
 */
function beginsWithin(packets: readonly ProbePacket[]): boolean {
  const [first] = packets;
  if (!first) return false;
  const nextKey = packets.findIndex(({ flags = '' }, index) => index > 0 && flags.startsWith('K'));
  const group = packets.slice(1, nextKey < 0 ? undefined : nextKey);
  const isLeading = ({ pts_time: time }: ProbePacket) => Number(time) < Number(first.pts_time);
  return !/^K_?$/.test(first.flags ?? '') || group.some(isLeading);
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
