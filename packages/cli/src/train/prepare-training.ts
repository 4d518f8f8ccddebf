import { ConfigError, initParams, type LongCallOptions, mixSeeds } from '@od-vae/core';
import { clipBatches, VideoFolder } from '@od-vae/datasets';
import { inflateCheckpoint } from '@od-vae/initializers';
import { loadLpips, type LpipsParams } from '@od-vae/losses';
import {
  loadOdVaeParams,
  type OdVaeConfig,
  type OdVaeParams,
  odVaeSpec,
  type OfficialConfig,
  parseConfig,
  releases,
  storedParams,
  strides,
  variants,
} from '@od-vae/models';
import { Trainer, type TrainingOptions } from '@od-vae/training';
import { openCheckpoint, renameCheckpoint } from '@od-vae/weights';
import { dispose, type Tensor5D } from '@tensorflow/tfjs-core';

import { isImageVae } from '../convert/inflate.ts';
import type { TrainConfig } from './train-config.ts';

/** A run that is ready to begin. Its owner disposes it. */
export interface PreparedTraining extends Disposable {
  readonly trainer: Trainer;
  readonly videos: VideoFolder;
  /** Files that could not be read so far, as clips or as single pictures, and why. */
  readonly skipped: () => ReadonlyMap<string, string>;
  /** The clips of a step, counted from 1. */
  readonly clips: (step: number) => Promise<Tensor5D[]>;
}

/** Tells the seed of single pictures from that of clips. */
const PICTURES = 1;

/** Reads what a configuration names: videos, first weights, LPIPS. */
export async function prepareTraining(config: TrainConfig, options: LongCallOptions): Promise<PreparedTraining> {
  const model = parseConfig(officialConfig(config.model));
  const videos = await openVideos(config, model);
  const pictures = picturesOf(videos, config, model);
  const perceptual = config.perceptual && (await openLpips(config.perceptual));
  try {
    const params = await firstWeights(config, model, options);
    const trainer = new Trainer(trainingOptions(config, model, perceptual ?? undefined), params);
    return {
      trainer,
      videos,
      skipped: () => new Map([...(pictures?.skipped ?? []), ...videos.skipped]),
      clips: stepClips(config, videos, pictures),
      [Symbol.dispose]: () => {
        trainer.dispose();
        if (perceptual) dispose(perceptual as Parameters<typeof dispose>[0]);
      },
    };
  } catch (error) {
    if (perceptual) dispose(perceptual as Parameters<typeof dispose>[0]);
    throw error;
  }
}

function officialConfig(model: TrainConfig['model']): OfficialConfig {
  if (typeof model !== 'string') return model as OfficialConfig;
  const variant = /^variant([1-4])$/.exec(model)?.[1];
  return variant ? variants[Number(variant) as 1 | 2 | 3 | 4] : releases[model as keyof typeof releases];
}

/** Clips, and beside them the single pictures that make a step one on images and videos. */
function stepClips(
  { batch, accumulate, data: { ahead, images } }: TrainConfig,
  videos: VideoFolder,
  pictures: VideoFolder | undefined,
): PreparedTraining['clips'] {
  const clips = clipBatches((index) => videos.clip(index), { batch, accumulate, ahead });
  if (!pictures) return clips;
  const singles = clipBatches((index) => pictures.clip(index), { batch: images!.count, accumulate, ahead });
  return async (step) => [...(await clips(step)), ...(await singles(step))];
}

/** The same videos as single pictures, where they are asked for. */
function picturesOf(
  videos: VideoFolder,
  { data: { images }, discriminator, seed }: TrainConfig,
  model: OdVaeConfig,
): VideoFolder | undefined {
  if (!images) return undefined;
  if (discriminator?.dimensions === 3) {
    throw new ConfigError('train: data.images needs a discriminator of 2 dimensions or none, but it has 3.');
  }
  const picture = { frames: 1, size: images.size };
  assertModelTakes(model, picture);
  return videos.with({ ...picture, seed: mixSeeds(seed, PICTURES) });
}

function assertModelTakes(model: OdVaeConfig, { frames, size }: { frames: number; size: number }): void {
  const { time, space } = strides(model);
  if ((frames - 1) % time !== 0 || size % space !== 0) {
    throw new ConfigError(
      `train: this model needs ${time}n + 1 frames and a size that ${space} divides, but data asks for ` +
        `${frames} frames of ${size} px.`,
    );
  }
}

async function openVideos({ data, seed }: TrainConfig, model: OdVaeConfig): Promise<VideoFolder> {
  assertModelTakes(model, data);
  const { folder, cache, cacheBytes, ahead: _ahead, images: _images, ...rest } = data;
  return VideoFolder.open(folder, {
    ...rest,
    seed,
    cache: cache === null ? undefined : { folder: cache, maxBytes: cacheBytes },
  });
}

async function openLpips({ weights, network }: NonNullable<TrainConfig['perceptual']>): Promise<LpipsParams> {
  const paths = typeof weights === 'string' ? [weights] : weights;
  const files = await Promise.all(paths.map((path) => openCheckpoint(path)));
  try {
    return await loadLpips(files, network);
  } finally {
    for (const file of files) await file.close();
  }
}

async function firstWeights(
  { init, seed }: TrainConfig,
  model: OdVaeConfig,
  options: LongCallOptions,
): Promise<OdVaeParams> {
  if (init.from === undefined) return initParams(odVaeSpec(model), { seed });
  await using checkpoint = await openCheckpoint(init.from, options);
  if (!isImageVae(checkpoint) || model.encoder.levels.every(({ resnetBlock }) => resnetBlock === 'ResnetBlock2D')) {
    return await loadOdVaeParams(checkpoint, model, options);
  }
  const image = renameCheckpoint(checkpoint, 'compvis');
  const targets = storedParams(odVaeSpec(model));
  return await loadOdVaeParams(inflateCheckpoint(image, targets, { method: init.method, seed }), model, options);
}

function trainingOptions(config: TrainConfig, model: OdVaeConfig, lpips: LpipsParams | undefined): TrainingOptions {
  const { discriminator, perceptual } = config;
  return {
    config: model,
    steps: config.steps,
    seed: config.seed,
    learningRate: config.learningRate,
    adam: config.adam,
    trained: config.trained ?? undefined,
    pixelError: config.pixelError,
    klWeight: config.klWeight,
    perceptual: lpips && { params: lpips, network: perceptual!.network, weight: perceptual!.weight },
    adversarial: discriminator
      ? { discriminator, start: discriminator.start, weight: discriminator.weight, kind: discriminator.kind }
      : undefined,
    averageDecay: config.averageDecay ?? undefined,
    clipNorm: config.clipNorm ?? undefined,
    checkpointing: config.checkpointing,
  };
}
