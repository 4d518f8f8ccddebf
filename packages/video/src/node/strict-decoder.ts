import type * as Server from '@mediabunny/server';
import { CustomVideoDecoder, type EncodedPacket, VideoSample } from 'mediabunny';
import { bytesOf } from '../bytes-of.ts';
import type { AvCodecContext, AvFrame, AvPacket, NodeAv } from './node-av.ts';
import { ledgerOf, type SampleLedger } from './sample-ledger.ts';

/** Longest time stamp that is remembered for a frame that has not come out yet. */
const MAX_TIMES = 256;

/** Opacity comes as side data: eight bytes of an identifier, then the coded picture. */
const ALPHA_ID_BYTES = 8;

/** FFmpeg's own decoders leave opacity out. */
const WITH_OPACITY: ReadonlyMap<string, string> = new Map([
  ['vp8', 'libvpx'],
  ['vp9', 'libvpx-vp9'],
]);

/** FFmpeg's numbers of the codecs that mediabunny names. */
const CODECS = {
  avc: 'AV_CODEC_ID_H264',
  hevc: 'AV_CODEC_ID_HEVC',
  vp8: 'AV_CODEC_ID_VP8',
  vp9: 'AV_CODEC_ID_VP9',
  av1: 'AV_CODEC_ID_AV1',
} as const satisfies Record<string, keyof NodeAv> as Readonly<
  Record<string, 'AV_CODEC_ID_H264' | 'AV_CODEC_ID_HEVC' | 'AV_CODEC_ID_VP8' | 'AV_CODEC_ID_VP9' | 'AV_CODEC_ID_AV1'>
>;

/**
 * A decoder on FFmpeg that refuses damaged pictures, where FFmpeg by itself paints over what it cannot decode.
 *
 * Frames before the damage are given first. Nothing here rejects a promise: mediabunny 1.61 leaves those of a decoder's
 * `close` to nobody once `decode` has failed, which ends a Node process.
 */
export function strictDecoder(av: NodeAv, server: typeof Server): typeof CustomVideoDecoder {
  return class StrictDecoder extends CustomVideoDecoder {
    #decoding: AvDecoding | undefined;
    #ledger: SampleLedger | undefined;
    #failed = false;

    static override supports(codec: string): boolean {
      return Object.hasOwn(CODECS, codec);
    }

    override async init(): Promise<void> {
      this.#ledger = ledgerOf(this.config);
      await this.#guarded(async () => {
        const give = (sample: VideoSample): void => {
          this.#ledger?.gave();
          this.onSample(sample);
        };
        this.#decoding = new AvDecoding(av, server, this.codec, this.config, give);
      });
    }

    override async decode(packet: EncodedPacket): Promise<void> {
      await this.#guarded(() => this.#decoding!.decode(packet));
    }

    override async flush(): Promise<void> {
      await this.#guarded(() => this.#decoding!.flush());
    }

    override close(): void {
      this.#decoding?.free();
      this.#decoding = undefined;
    }

    /** Runs a step; after the first that fails the others do nothing. */
    async #guarded(step: () => Promise<void>): Promise<void> {
      if (this.#failed) return;
      try {
        await step();
      } catch (error) {
        this.#failed = true;
        await this.#ledger?.allTaken();
        this.onError(error as Error);
      }
    }
  };
}

/** Pixel aspect ratios of the stream, by frame: the frames themselves have 1:1, so that containers decide. */
export const streamAspects = new WeakMap<object, number>();

type ServerFrame = ConstructorParameters<typeof Server.AvFrameVideoSampleResource>[0];

/** One run of an FFmpeg decoder; its steps throw where the stream is damaged. */
class AvDecoding {
  readonly #av: NodeAv;
  readonly #server: typeof Server;
  readonly #codec: string;
  readonly #config: VideoDecoderConfig;
  readonly #give: (sample: VideoSample) => void;
  readonly #frame: AvFrame;
  readonly #packet: AvPacket;
  readonly #times = new Map<number, { timestamp: number; duration: number }>();
  #context: AvCodecContext | undefined;

  constructor(
    av: NodeAv,
    server: typeof Server,
    codec: string,
    config: VideoDecoderConfig,
    give: (sample: VideoSample) => void,
  ) {
    this.#av = av;
    this.#server = server;
    this.#codec = codec;
    this.#config = config;
    this.#give = give;
    this.#frame = new av.Frame();
    this.#frame.alloc();
    this.#packet = new av.Packet();
    this.#packet.alloc();
  }

  async decode(packet: EncodedPacket): Promise<void> {
    this.#context ??= await this.#open(packet);
    this.#remember(packet);
    this.#fill(packet);
    check(await this.#context.sendPacket(this.#packet), 'a packet is damaged');
    this.#packet.unref();
    await this.#receive(this.#context);
  }

  async flush(): Promise<void> {
    if (!this.#context) return;
    check(await this.#context.sendPacket(null), 'the last pictures are damaged');
    await this.#receive(this.#context);
    this.#context.flushBuffers();
  }

  free(): void {
    this.#context?.freeContext();
    this.#frame.free();
    this.#packet.free();
  }

  async #open({ sideData }: EncodedPacket): Promise<AvCodecContext> {
    const av = this.#av;
    const id = av[CODECS[this.#codec]!];
    const named = sideData.alpha ? WITH_OPACITY.get(this.#codec) : undefined;
    const codec = named === undefined ? av.Codec.findDecoder(id) : av.Codec.findDecoderByName(named);
    if (!codec) throw new Error(`FFmpeg has no decoder for ${this.#codec}${named ? ' with opacity' : ''}`);
    const context = new av.CodecContext();
    context.allocContext3(codec);
    context.width = this.#config.codedWidth ?? 0;
    context.height = this.#config.codedHeight ?? 0;
    // Without it, FFmpeg rounds how much is cropped on the left.
    context.flags = av.AV_CODEC_FLAG_UNALIGNED;
    context.codecType = av.AVMEDIA_TYPE_VIDEO;
    context.codecId = id;
    context.extraData = this.#config.description ? Buffer.from(bytesOf(this.#config.description)) : null;
    const options = av.Dictionary.fromObject({ strict: av.FF_COMPLIANCE_STRICT, err_detect: 'crccheck+explode' });
    check(await context.open2(codec, options), 'the description of the track is damaged');
    return context;
  }

  #remember({ microsecondTimestamp, timestamp, duration }: EncodedPacket): void {
    if (!this.#times.has(microsecondTimestamp)) this.#times.set(microsecondTimestamp, { timestamp, duration });
    if (this.#times.size > MAX_TIMES) this.#times.delete(this.#times.keys().next().value!);
  }

  #fill({ type, data, microsecondTimestamp, microsecondDuration, sideData }: EncodedPacket): void {
    const packet = this.#packet;
    packet.isKeyframe = type === 'key';
    packet.data = Buffer.from(data);
    packet.timeBase = { num: 1, den: 1e6 };
    packet.pts = BigInt(microsecondTimestamp);
    packet.dts = this.#av.AV_NOPTS_VALUE;
    packet.duration = BigInt(microsecondDuration);
    if (sideData.alpha) {
      const alpha = Buffer.alloc(ALPHA_ID_BYTES + sideData.alpha.byteLength);
      alpha[ALPHA_ID_BYTES - 1] = 1;
      alpha.set(sideData.alpha, ALPHA_ID_BYTES);
      packet.addSideData(this.#av.AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, alpha);
    }
  }

  async #receive(context: AvCodecContext): Promise<void> {
    const frame = this.#frame;
    for (;;) {
      const status = await context.receiveFrame(frame);
      if (status === this.#av.AVERROR_EAGAIN || status === this.#av.AVERROR_EOF) return;
      check(status, 'a picture is damaged');
      if ((frame.flags & this.#av.AV_FRAME_FLAG_CORRUPT) !== 0 || frame.decodeErrorFlags !== 0) {
        throw new Error('a picture is damaged, or needs one that is missing');
      }
      const { num, den } = frame.sampleAspectRatio;
      frame.sampleAspectRatio = new this.#av.Rational(1, 1);
      const time = Number(frame.pts);
      const copy = frame.clone();
      if (!copy) throw new Error('no memory is left for a picture');
      if (num > 0 && den > 0) streamAspects.set(copy, num / den);
      const times = this.#times.get(time) ?? { timestamp: time / 1e6, duration: Number(frame.duration) / 1e6 };
      this.#give(new VideoSample(new this.#server.AvFrameVideoSampleResource(copy as unknown as ServerFrame), times));
    }
  }
}

function check(status: number, what: string): void {
  if (status < 0) throw new Error(what);
}
