/** A video encoder of ffmpeg and what it may be combined with. */
export interface Codec {
  /** Name of the encoder, as `-c:v` takes it. */
  readonly encoder: string;
  readonly containers: readonly Container[];
  readonly pixelFormats: readonly string[];
  /** Options that make it fast and close to lossless. */
  readonly options: readonly string[];
  /** Whether `-bf` works. */
  readonly bFrames?: boolean;
  /** Both sides of a frame must be multiples of this; 1 by default. */
  readonly multipleOf?: number;
  /** Whether only the rates of MPEG-1 and MPEG-2 work. */
  readonly standardRates?: boolean;
}

/** Extension of a file, which selects ffmpeg's muxer. */
export type Container =
  | 'mp4'
  | 'mov'
  | 'mkv'
  | 'webm'
  | 'avi'
  | 'ts'
  | 'flv'
  | 'nut'
  | 'asf'
  | 'mpg'
  | 'ogv'
  | 'h264'
  | 'hevc'
  | 'm2v';

const X265 = 'log-level=error:pools=1:frame-threads=1';

/** Encoders that Debian's ffmpeg has, with every container and pixel format that is tried. */
export const CODECS: readonly Codec[] = [
  {
    encoder: 'libx264',
    containers: ['mp4', 'mov', 'mkv', 'avi', 'ts', 'flv', 'nut', 'h264'],
    pixelFormats: ['yuv420p', 'yuvj420p', 'yuv422p', 'yuv444p', 'yuv420p10le', 'gray'],
    options: ['-preset', 'ultrafast', '-qp', '8'],
    bFrames: true,
    multipleOf: 2,
  },
  {
    encoder: 'libx264rgb',
    containers: ['mp4', 'mkv'],
    pixelFormats: ['rgb24'],
    options: ['-preset', 'ultrafast', '-qp', '8'],
  },
  {
    encoder: 'libx265',
    containers: ['mp4', 'mov', 'mkv', 'ts', 'hevc'],
    pixelFormats: ['yuv420p', 'yuv422p10le', 'yuv444p', 'yuv420p10le', 'gray'],
    options: ['-preset', 'ultrafast', '-crf', '8'],
    bFrames: true,
    multipleOf: 8,
  },
  {
    encoder: 'libvpx',
    containers: ['webm', 'mkv'],
    pixelFormats: ['yuv420p'],
    options: ['-deadline', 'realtime', '-cpu-used', '4', '-auto-alt-ref', '1', '-lag-in-frames', '10', '-b:v', '2M'],
  },
  {
    encoder: 'libvpx-vp9',
    containers: ['webm', 'mkv', 'mp4'],
    pixelFormats: ['yuv420p', 'yuv422p', 'yuv444p', 'yuv420p10le', 'gbrp', 'yuva420p'],
    options: ['-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '10', '-b:v', '0', '-crf', '8'],
  },
  {
    encoder: 'libaom-av1',
    containers: ['mp4', 'mkv', 'webm'],
    pixelFormats: ['yuv420p', 'yuv420p10le', 'yuv444p', 'gray'],
    options: ['-usage', 'realtime', '-cpu-used', '9', '-crf', '10', '-b:v', '0'],
    multipleOf: 8,
  },
  {
    encoder: 'mpeg4',
    containers: ['mp4', 'mov', 'avi', 'mkv', 'ts', 'nut'],
    pixelFormats: ['yuv420p'],
    options: ['-q:v', '2'],
    bFrames: true,
  },
  {
    encoder: 'libxvid',
    containers: ['avi', 'mkv', 'mp4'],
    pixelFormats: ['yuv420p'],
    options: ['-q:v', '2'],
    bFrames: true,
    multipleOf: 2,
  },
  {
    encoder: 'mpeg2video',
    containers: ['mpg', 'ts', 'mkv', 'm2v'],
    pixelFormats: ['yuv420p', 'yuv422p'],
    options: ['-q:v', '2'],
    bFrames: true,
    standardRates: true,
  },
  {
    encoder: 'mpeg1video',
    containers: ['mpg', 'mkv'],
    pixelFormats: ['yuv420p'],
    options: ['-q:v', '2'],
    bFrames: true,
    standardRates: true,
  },
  { encoder: 'wmv2', containers: ['asf', 'avi'], pixelFormats: ['yuv420p'], options: ['-q:v', '2'], multipleOf: 2 },
  { encoder: 'msmpeg4', containers: ['asf', 'avi', 'mkv'], pixelFormats: ['yuv420p'], options: ['-q:v', '2'] },
  { encoder: 'flv', containers: ['flv'], pixelFormats: ['yuv420p'], options: ['-q:v', '2'] },
  { encoder: 'libtheora', containers: ['ogv', 'mkv'], pixelFormats: ['yuv420p', 'yuv444p'], options: ['-q:v', '10'] },
  {
    encoder: 'mjpeg',
    containers: ['avi', 'mov', 'mkv', 'nut'],
    pixelFormats: ['yuvj420p', 'yuvj422p', 'yuvj444p'],
    options: ['-q:v', '2'],
  },
  {
    encoder: 'ffv1',
    containers: ['mkv', 'avi', 'nut'],
    pixelFormats: (
      'yuv420p yuv422p yuv444p yuv410p yuv411p yuv440p yuv422p10le yuv444p12le yuva420p yuva444p ' +
      'gray gray10le gray16le gbrp gbrp10le bgra rgb48le'
    ).split(' '),
    options: [],
  },
  { encoder: 'huffyuv', containers: ['avi', 'mkv'], pixelFormats: ['yuv422p', 'rgb24'], options: [], multipleOf: 2 },
  {
    encoder: 'utvideo',
    containers: ['avi', 'mkv'],
    pixelFormats: ['yuv420p', 'yuv422p', 'yuv444p', 'gbrp', 'gbrap'],
    options: [],
    multipleOf: 2,
  },
  {
    encoder: 'prores_ks',
    containers: ['mov', 'mkv'],
    pixelFormats: ['yuv422p10le', 'yuv444p10le', 'yuva444p10le'],
    options: ['-q:v', '2'],
    multipleOf: 2,
  },
  { encoder: 'qtrle', containers: ['mov'], pixelFormats: ['rgb24', 'argb'], options: [] },
  { encoder: 'png', containers: ['mov', 'mkv', 'avi'], pixelFormats: ['rgb24', 'rgba', 'gray'], options: [] },
  {
    encoder: 'rawvideo',
    containers: ['avi', 'mov', 'nut', 'mkv'],
    pixelFormats: ['yuv420p', 'uyvy422', 'yuyv422', 'rgb24', 'bgr24', 'bgra'],
    options: [],
    multipleOf: 2,
  },
  { encoder: 'jpeg2000', containers: ['mov', 'mkv'], pixelFormats: ['yuv420p', 'yuv444p', 'rgb24'], options: [] },
];

/** Returns the options that pass key-frame distance, B-frames and open GOPs to an encoder. */
export function structureOptions(encoder: string, keyInterval: number, bFrames: number, openGop: boolean): string[] {
  const distance = ['-g', `${keyInterval}`, ...(bFrames > 0 ? ['-bf', `${bFrames}`] : [])];
  if (encoder === 'libx265') {
    const params = `${X265}:keyint=${keyInterval}:min-keyint=${keyInterval}:bframes=${bFrames}:open-gop=${Number(openGop)}`;
    return ['-x265-params', params];
  }
  if (encoder === 'libx264') {
    return [...distance, '-x264-params', `open-gop=${Number(openGop)}:scenecut=0:threads=1:bframes=${bFrames}`];
  }
  return distance;
}
