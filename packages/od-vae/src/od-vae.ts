import { ConfigError, disposeParams, type LongCallOptions } from '@od-vae/core';
import type { SpatialUpsample } from '@od-vae/layers';
import { assertClip, assertLatents, decode, encode, type OdVaeConfig, type OdVaeParams, strides } from '@od-vae/models';
import { tiled } from '@od-vae/tiling';
import { openVideo, type VideoSource, type WritableTarget } from '@od-vae/video';
import type { CheckpointSource } from '@od-vae/weights';
import { type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { assertFirstValues } from './check-values.ts';
import { chooseSeed } from './choose-seed.ts';
import { ClipPosterior } from './clip-posterior.ts';
import type { CodeReport } from './code-report.ts';
import { decodeFile, type DecodeFileOptions } from './decode-file.ts';
import { decodeLatents, type DecodeLatentsOptions } from './decode-latents.ts';
import { encodeFile, type EncodeFileOptions } from './encode-file.ts';
import { encodeFrames, type PosteriorOptions, type TilingChoice } from './encode-frames.ts';
import { extentOf, fitClip, resizeClip } from './fit-clip.ts';
import { type Extent, fitFrames, type FramePolicy, policyNote } from './frame-policy.ts';
import type { LatentChunk } from './latents.ts';
import { type EncodedChunk, placeChunks } from './place-chunks.ts';
import type { Model } from './model.ts';
import type { RebuiltFrame } from './pixels.ts';
import { loadPretrained, type PretrainedOptions } from './pretrained.ts';
import { aheadOf } from './passing.ts';
import type { PlanChoice } from './plan-choice.ts';
import { readAhead } from './read-ahead.ts';
import { reconstruct, type ReconstructOptions, type ReconstructReport } from './reconstruct.ts';
import { extentsOf, planReading, readOptions, type VideoInputOptions } from './video-input.ts';

/** Options of {@link OdVae.encodeVideo}. */
export type EncodeVideoOptions = VideoInputOptions &
  PosteriorOptions &
  PlanChoice &
  LongCallOptions & {
    /** Gives mean and log-variance beside the latents. */
    keepPosterior?: boolean | undefined;
  };

/**
 * A loaded OD-VAE.
 *
 * It owns its weights: declare it with `using`, or call {@link dispose}.
 */
export class OdVae implements Model, Disposable {
  readonly config: OdVaeConfig;
  readonly params: OdVaeParams;
  readonly spatialUpsample: SpatialUpsample;
  readonly label: string;
  readonly weightHash: string | undefined;

  #hasEncoded = false;

  /**
   * Takes over the weights of a model; {@link fromPretrained} loads one.
   *
   * @throws ConfigError when there is no model
   */
  constructor(model: Model) {
    const { config, params, spatialUpsample, label, weightHash } = (model ?? {}) as Partial<Model>;
    if (!config || !params || !spatialUpsample || label === undefined) {
      throw new ConfigError('OdVae: the model must have config and params; await OdVae.fromPretrained() loads one.');
    }
    this.config = config;
    this.params = params;
    this.spatialUpsample = spatialUpsample;
    this.label = label;
    this.weightHash = weightHash;
  }

  /**
   * A model with trained weights, on the backend in use (the best one, if none is).
   *
   * @param source `'small'` (ships with the project), a folder, a file, a URL, a Blob, or an id of the Hugging Face Hub
   * @throws CheckpointError when it cannot be read or its weights do not fit the config; ConfigError when that is wrong.
   */
  static async fromPretrained(source: CheckpointSource = 'small', options: PretrainedOptions = {}): Promise<OdVae> {
    return new OdVae(await loadPretrained(source, options));
  }

  /**
   * The posterior of a clip: `mean`, `logvar`, `std`, `mode()`, `sample({ seed })`, `kl()`. The caller disposes it.
   *
   * A clip that is not `4n + 1` frames long, or whose sides are no multiples of 8, is padded (`framePolicy: 'pad'`), and
   * the posterior's `note` says so; `decode(latents, { cutTo: posterior.extent })` cuts the result back.
   *
   * @param clip `[batch, time, height, width, 3]` in [-1, 1], float32; the values of the first clip are checked where the
   *   backend can read them at once, those of any clip with `checkClip`
   * @param options `tiling` works group by group; without it the whole clip goes through at once
   * @throws ShapeError when the clip is smaller than one latent, or does not fit and the policy is `'error'`.
   */
  encode(
    clip: Tensor5D,
    { framePolicy = 'pad', tiling }: { framePolicy?: FramePolicy | undefined } & TilingChoice = {},
  ): ClipPosterior {
    assertClip('encode', clip);
    if (!this.#hasEncoded) assertFirstValues(clip);
    this.#hasEncoded = true;
    const modelStrides = strides(this.config);
    const run = (x: Tensor5D) => encode(this.params, x, this.config);
    const options = {
      direction: 'encode',
      temporalStride: modelStrides.time,
      spatialStride: modelStrides.space,
    } as const;
    let fitted = extentOf(clip);
    const moments = tidy(() => {
      const input = fitClip(clip, modelStrides, framePolicy);
      fitted = extentOf(input);
      return tiling ? tiled(run, { ...options, tiling })(input) : run(input);
    });
    const extent = framePolicy === 'trim' ? fitted : extentOf(clip);
    const posterior = new ClipPosterior(moments, extent, policyNote(extentOf(clip), fitted, modelStrides));
    moments.dispose();
    return posterior;
  }

  /**
   * The clip `[batch, 4 * time - 3, 8 * height, 8 * width, 3]` of latents, around [-1, 1] but unbounded. The caller owns it.
   *
   * @param latents `[batch, time, height, width, channels]`, not scaled
   * @param options `cutTo` cuts the clip to an extent, or to that of another clip; `tiling` works group by group
   */
  decode(
    latents: Tensor5D,
    { cutTo, tiling }: { cutTo?: Tensor5D | Extent | undefined } & TilingChoice = {},
  ): Tensor5D {
    assertLatents('decode', latents, this.config.latentChannels);
    const { time, space } = strides(this.config);
    const run = (x: Tensor5D) => decode(this.params, x, this.config, { spatialUpsample: this.spatialUpsample });
    return tidy(() => {
      const options = { direction: 'decode', temporalStride: time, spatialStride: space } as const;
      const clip = tiling ? tiled(run, { ...options, tiling })(latents) : run(latents);
      if (!cutTo) return clip;
      return resizeClip(clip, 'shape' in cutTo ? extentOf(cutTo) : cutTo);
    });
  }

  /**
   * Encodes a video of any length and yields its latents group by group, `[time, height, width, channels]` as plain numbers.
   * The first are yielded before the last frame is read.
   */
  async *encodeVideo(
    source: VideoSource,
    options: EncodeVideoOptions = {},
  ): AsyncGenerator<EncodedChunk, void, undefined> {
    const { framePolicy = 'pad' } = options;
    const reader = await openVideo(source, readOptions(options));
    try {
      const { tiling } = planReading(reader, this, options);
      const { total } = extentsOf(reader, this, framePolicy);
      const ahead = readAhead(reader.frames(), aheadOf(reader, tiling));
      const timestamps: number[] = [];
      const frames = fitFrames(ahead, strides(this.config), framePolicy, ({ timestamp }) => timestamps.push(timestamp));
      const seed = await chooseSeed(options);
      const chunks = encodeFrames(this, frames, { ...options, seed, tiling, total });
      const { time: stride } = strides(this.config);
      yield* placeChunks(chunks, { stride, timestamps, seed: options.sample ? seed : undefined });
    } finally {
      await reader.close();
    }
  }

  /** Pictures of latents of any length, group by group. */
  decodeLatents(
    chunks: AsyncIterable<LatentChunk> | Iterable<LatentChunk>,
    options: DecodeLatentsOptions = {},
  ): AsyncGenerator<RebuiltFrame, void, undefined> {
    return decodeLatents(this, chunks, options);
  }

  /**
   * Compresses a video and rebuilds it, with bounded memory, and measures what is lost.
   *
   * @param target where the rebuilt video is written: a path, or a stream (then `format` says what); nowhere if undefined
   * @throws MediaError when the video cannot be read or written; then, and on abort, nothing is left at `target`.
   */
  reconstruct(
    source: VideoSource,
    target?: string | WritableTarget,
    options: ReconstructOptions = {},
  ): Promise<ReconstructReport> {
    return reconstruct(this, source, target, options);
  }

  /**
   * Compresses a video into latents that say all that decoding needs: a `.safetensors` file, or a folder of parts where
   * `target` is a folder (it exists, or ends with a slash). Groups go to disk as they come.
   */
  encodeFile(source: VideoSource, target: string, options: EncodeFileOptions = {}): Promise<CodeReport> {
    return encodeFile(this, source, target, options);
  }

  /** Rebuilds the video of a latents file or folder, cut as it was encoded unless `tiling` says otherwise. */
  decodeFile(source: string, target: string, options: DecodeFileOptions = {}): Promise<CodeReport> {
    return decodeFile(this, source, target, options);
  }

  /** Frees the weights. */
  dispose(): void {
    disposeParams(this.params);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
