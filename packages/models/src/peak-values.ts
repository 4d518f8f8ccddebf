import type { CoderConfig, DecoderLevel, EncoderLevel, OdVaeConfig } from './config.ts';
import { PIXEL_CHANNELS } from './encoder.ts';
import { strides } from './od-vae.ts';

/** Lengths of what goes into a call: frames and pixels for the encoder, latents for the decoder. */
export interface CallSize {
  readonly time: number;
  readonly height: number;
  readonly width: number;
}

/** What is in memory at once at the worst moment of a call, in values of 4 bytes. */
export interface PeakValues {
  /** Activations, the input and the output among them, where the ops of this project run fused. */
  readonly activations: number;
  /** The largest table of attention scores of one frame, which backends without a fused attention make. */
  readonly scores: number;
  /** The largest clip alone, which a GPU holds in one buffer. */
  readonly largest: number;
}

/** Clips of one level that are alive while a layer runs, by what it does. */
const ALIVE = {
  /** The input and its norm beside the first convolution's output; or the input, both summands and their sum. */
  residual: (input: number, output: number) =>
    Math.max(2 * input + output, input + (input === output ? 2 : 3) * output),
  /** With a shortcut, after which the input is freed: the input, what becomes of it and the shortcut; or what is added. */
  shortcut: (input: number, output: number) => Math.max(input + 2 * output, 3 * output),
  /** Input, norm, query, key, value, mixture, output and sum. */
  attention: (channels: number) => 8 * channels,
  /** Frames of a clip whose time is doubled linearly, all parts that it is made of among them. */
  doubling: (frames: number) => frames + (frames > 2 ? 11 : 3) * (frames - 1),
  /** A clip made of frames and one that was learnt, both weighted, and their sum, beside the shorter clip. */
  mixing: 5,
  /** The residual block and the attention of the `ResAdv` samplers, beside the clip that they refine. */
  refinement: (channels: number) => 10 * channels,
};

/**
 * Memory that a call needs, from the model's config alone: the clips that each layer holds at once, at their sizes.
 *
 * It counts what our own kernels hold; stock ops of TensorFlow.js hold about twice that, and the scores of attention.
 */
export function peakValues(config: OdVaeConfig, direction: 'encode' | 'decode', size: CallSize): PeakValues {
  return direction === 'encode' ? encoderPeak(config, size) : decoderPeak(config, size);
}

function encoderPeak({ encoder, hiddenSize, zChannels, doubleZ }: OdVaeConfig, size: CallSize): PeakValues {
  const peak = new Peak(PIXEL_CHANNELS * volume(size));
  let [at, channels] = [size, hiddenSize];
  peak.see(PIXEL_CHANNELS + channels, at);
  for (const level of encoder.levels) {
    peak.seeBlocks(encoder, level, channels, at);
    channels = level.channels;
    const smaller = {
      time: level.temporal || level.spatial === 'Spatial2xTime2x3DDownsample' ? Math.ceil(at.time / 2) : at.time,
      height: level.spatial ? Math.floor(at.height / 2) : at.height,
      width: level.spatial ? Math.floor(at.width / 2) : at.width,
    };
    if (level.spatial) peak.seeChange(channels, at, { ...at, height: smaller.height, width: smaller.width });
    if (level.temporal)
      peak.see((/ResAdv/.test(level.temporal) ? ALIVE.refinement(1) : 3) * channels, { ...smaller, time: at.time });
    at = smaller;
  }
  peak.seeMiddle(channels, at);
  peak.see(2 * channels, at);
  peak.see(channels + (doubleZ ? 2 : 1) * zChannels, at);
  return peak.values();
}

function decoderPeak({ decoder, ...config }: OdVaeConfig, size: CallSize): PeakValues {
  const { time, space } = strides({ decoder, ...config });
  const pixels = { time: (size.time - 1) * time + 1, height: size.height * space, width: size.width * space };
  const peak = new Peak(config.latentChannels * volume(size));
  let at = size;
  let { channels } = decoder.levels.at(-1)!;
  peak.see(config.zChannels + channels, at);
  peak.seeMiddle(channels, at);
  for (const level of decoder.levels.toReversed()) {
    peak.seeBlocks(decoder, level, channels, at);
    channels = level.channels;
    if (level.spatial) {
      const isBoth = level.spatial === 'Spatial2xTime2x3DUpsample';
      const larger = { time: isBoth ? 2 * at.time - 1 : at.time, height: 2 * at.height, width: 2 * at.width };
      peak.seeChange(channels, at, larger);
      at = larger;
    }
    if (level.temporal) {
      const shorter = at;
      at = { ...at, time: 2 * at.time - 1 };
      peak.seeClip(channels, at);
      if (/ResAdv/.test(level.temporal)) peak.see(ALIVE.refinement(channels), at);
      peak.see(ALIVE.doubling(shorter.time) * channels, { ...at, time: 1 });
      if (/Res2x/.test(level.temporal))
        peak.see((shorter.time + ALIVE.mixing * at.time) * channels, { ...at, time: 1 });
    }
  }
  peak.see(2 * channels, pixels);
  peak.see(channels + PIXEL_CHANNELS, pixels);
  return peak.values();
}

/** The worst moment so far. */
class Peak {
  readonly #always: number;
  #activations = 0;
  #scores = 0;
  #largest = 0;

  /** @param always values of what is alive all the time: the input */
  constructor(always: number) {
    this.#always = always;
  }

  /** A moment at which clips of so many channels together are alive. */
  see(channels: number, at: CallSize): void {
    this.#activations = Math.max(this.#activations, channels * volume(at));
  }

  /** A clip that exists. */
  seeClip(channels: number, at: CallSize): void {
    this.#largest = Math.max(this.#largest, channels * volume(at));
  }

  /** A moment at which a clip and a smaller or larger one are. */
  seeChange(channels: number, from: CallSize, to: CallSize): void {
    for (const size of [from, to]) this.seeClip(channels, size);
    this.#activations = Math.max(this.#activations, channels * (volume(from) + volume(to)));
  }

  seeBlocks(
    { attention }: CoderConfig<EncoderLevel | DecoderLevel>,
    level: EncoderLevel | DecoderLevel,
    channels: number,
    at: CallSize,
  ): void {
    this.seeClip(Math.max(channels, level.channels), at);
    // Run frame by frame, a block does not own its input.
    const frees = channels !== level.channels && level.resnetBlock !== 'ResnetBlock2D';
    this.see(ALIVE[frees ? 'shortcut' : 'residual'](channels, level.channels), at);
    this.see(ALIVE.residual(level.channels, level.channels), at);
    if (level.attention && attention !== 'TemporalAttnBlock') this.seeAttention(level.channels, at);
  }

  seeMiddle(channels: number, at: CallSize): void {
    this.seeClip(channels, at);
    this.see(ALIVE.residual(channels, channels), at);
    this.seeAttention(channels, at);
  }

  seeAttention(channels: number, at: CallSize): void {
    this.see(ALIVE.attention(channels), at);
    this.#scores = Math.max(this.#scores, (at.height * at.width) ** 2);
  }

  values(): PeakValues {
    return { activations: this.#always + this.#activations, scores: this.#scores, largest: this.#largest };
  }
}

function volume({ time, height, width }: CallSize): number {
  return time * height * width;
}
