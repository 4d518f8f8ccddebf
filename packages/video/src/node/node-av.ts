import { pathToFileURL } from 'node:url';
import { importInstalled, resolveInstalled } from './import-installed.ts';

/** Name of the package that brings codecs to Node; it is the user's to install. */
export const SERVER = '@mediabunny/server';

/** A frame of FFmpeg, as node-av holds it. */
export interface AvFrame {
  format: number;
  width: number;
  height: number;
  sampleAspectRatio: { readonly num: number; readonly den: number };
  /** Matrix coefficients of ITU-T H.273. */
  readonly colorSpace: number;
  readonly colorTrc: number;
  readonly colorRange: number;
  readonly pts: bigint;
  readonly duration: bigint;
  readonly flags: number;
  /** What the decoder painted over; 0 where nothing. */
  readonly decodeErrorFlags: number;
  alloc(): void;
  free(): void;
  /** Shares the pixels. */
  clone(): AvFrame | null;
  /** Points at the buffer; does not keep it alive. */
  fromBuffer(buffer: Buffer): number;
  getSideData(type: number): Buffer | null;
  /** Copies what the frame points at into memory of its own. */
  makeWritable(): number;
}

/** A coded picture of FFmpeg. */
export interface AvPacket {
  isKeyframe: boolean;
  data: Buffer;
  timeBase: { readonly num: number; readonly den: number };
  pts: bigint;
  dts: bigint;
  duration: bigint;
  alloc(): void;
  free(): void;
  unref(): void;
  addSideData(type: number, data: Buffer): void;
}

/** A decoder of FFmpeg at work; a negative status is an error. */
export interface AvCodecContext {
  width: number;
  height: number;
  flags: number;
  codecType: number;
  codecId: number;
  extraData: Buffer | null;
  colorPrimaries: number;
  colorTrc: number;
  /** Matrix coefficients of ITU-T H.273. */
  colorSpace: number;
  colorRange: number;
  allocContext3(codec: object): void;
  open2(codec: object, options: object): Promise<number>;
  /** Null says that no more will come. */
  sendPacket(packet: AvPacket | null): Promise<number>;
  receiveFrame(frame: AvFrame): Promise<number>;
  flushBuffers(): void;
  freeContext(): void;
}

/** The parts of node-av this package calls. */
export interface NodeAv {
  readonly Packet: new () => AvPacket;
  readonly CodecContext: new () => AvCodecContext;
  readonly Codec: {
    findDecoder(id: number): object | null;
    findDecoderByName(name: string): object | null;
  };
  readonly Dictionary: { fromObject(options: Readonly<Record<string, string | number>>): object };
  readonly AV_CODEC_ID_H264: number;
  readonly AV_CODEC_ID_HEVC: number;
  readonly AV_CODEC_ID_VP8: number;
  readonly AV_CODEC_ID_VP9: number;
  readonly AV_CODEC_ID_AV1: number;
  readonly AVMEDIA_TYPE_VIDEO: number;
  readonly AV_NOPTS_VALUE: bigint;
  readonly AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL: number;
  readonly AV_CODEC_FLAG_UNALIGNED: number;
  readonly AV_FRAME_DATA_DISPLAYMATRIX: number;
  readonly AV_FRAME_FLAG_CORRUPT: number;
  readonly AVERROR_EAGAIN: number;
  readonly AVERROR_EOF: number;
  readonly FF_COMPLIANCE_STRICT: number;
  readonly Frame: new () => AvFrame;
  readonly Rational: new (numerator: number, denominator: number) => { readonly num: number; readonly den: number };
  readonly AVCOL_RANGE_JPEG: number;
  readonly AVCOL_RANGE_MPEG: number;
  readonly AVCOL_PRI_BT709: number;
  readonly AVCOL_TRC_BT709: number;
  readonly AVCOL_TRC_SMPTE2084: number;
  avGetPixFmtName(format: number): string | null;
  readonly Log: { setLevel(level: number): void };
  readonly AV_LOG_QUIET: number;
  readonly AV_PIX_FMT_YUV420P: number;
}

/** The node-av that @mediabunny/server itself uses. */
export async function loadNodeAv(): Promise<NodeAv> {
  const path = resolveInstalled('node-av', resolveInstalled(SERVER, import.meta.url));
  return importInstalled<NodeAv>(pathToFileURL(path).href);
}
