import { z } from 'zod';

const whole = z.int().nonnegative();
const count = z.int().positive();
const file = z.string().min(1);

const model = z
  .union([z.enum(['variant1', 'variant2', 'variant3', 'variant4', 'v1.0', 'v1.1', 'v1.2']), z.looseObject({})])
  .describe('a published architecture by name, or an official config.json');

const init = z.strictObject({
  from: file
    .optional()
    .describe('a checkpoint to go on from, or an SD-VAE to grow from; without it weights are random'),
  method: z
    .enum(['tail', 'average', 'random'])
    .default('tail')
    .describe('how kernels of an SD-VAE get their taps in time'),
});

const images = z.strictObject({
  count: count.default(1).describe('pictures beside each batch of clips'),
  size: count.max(65_536).default(256).describe('their height and width, px'),
});

const data = z.strictObject({
  folder: file.describe('videos, at any depth'),
  frames: count.max(65_536).default(25).describe('frames of a clip, 4n + 1'),
  size: count.max(65_536).default(256).describe('height and width of a clip, px'),
  sampleRate: count.default(1).describe('frames of a video for each of a clip'),
  dynamicRate: z.boolean().default(false).describe('draws the rate of each clip, from 1 to sampleRate'),
  resize: z.boolean().default(true).describe('resizes the short side to size before cutting'),
  crop: z.enum(['centre', 'random']).default('centre').describe('where clips are cut out'),
  flip: z.boolean().default(false).describe('mirrors every other clip, by chance'),
  zoom: z
    .number()
    .min(1)
    .max(16)
    .default(1)
    .describe('cuts out anything from size / zoom to size * zoom px and resizes it, by chance'),
  pan: z
    .number()
    .min(0)
    .max(65_536)
    .default(0)
    .describe('moves what is cut out by up to so many px a frame, by chance, as a camera does'),
  recolour: z
    .boolean()
    .default(false)
    .describe('gives every other clip other colours, contrast and brightness, by chance'),
  images: images.nullable().default(null).describe('single pictures beside every batch; null for none'),
  cache: file.nullable().default(null).describe('a folder for decoded videos; null decodes each time'),
  cacheBytes: count.default(10_000_000_000).describe('bytes that the cache may hold'),
  ahead: whole.default(2).describe('steps that are read ahead'),
});

const learningRate = z.strictObject({
  rate: z.number().positive().default(1e-5).describe('the rate after warming up'),
  shape: z.enum(['constant', 'cosine', 'linear']).default('constant').describe('how it goes on'),
  warmup: whole.default(0).describe('steps in which it rises from zero'),
  final: z.number().nonnegative().default(0).describe('the rate at the end of a cosine or line'),
});

const adam = z.strictObject({
  beta1: z.number().min(0).lt(1).default(0.9).describe('how fast the mean of gradients forgets'),
  beta2: z.number().min(0).lt(1).default(0.999).describe('how fast the mean of their squares forgets'),
  epsilon: z.number().positive().default(1e-8).describe('added to the root of the squares'),
});

const perceptual = z.strictObject({
  weights: z.union([file, z.array(file).min(1)]).describe('files with the network and the heads of LPIPS 0.1'),
  network: z.enum(['vgg', 'alex', 'squeeze']).default('vgg').describe('which network that is'),
  weight: z.number().nonnegative().default(1).describe('how much it counts'),
});

const discriminator = z.strictObject({
  dimensions: z
    .union([z.literal(2), z.literal(3)])
    .default(3)
    .describe('3 judges clips, 2 each frame alone'),
  channels: count.max(4096).default(64).describe('channels after its first convolution'),
  layers: count.max(8).default(3).describe('its layers between the first and the last two'),
  start: whole.default(2000).describe('disc_start: the first step that may train it'),
  weight: z.number().nonnegative().default(0.5).describe('disc_weight'),
  kind: z.enum(['hinge', 'vanilla']).default('hinge').describe('how it is scored'),
});

/** The configuration of a training run; all but videos, output and steps have a default. */
export const trainConfigSchema = z.strictObject({
  model: model.default('variant4'),
  init: init.prefault({}),
  data,
  output: file.describe('a folder for checkpoints, logs and the trained model'),
  steps: count.describe('steps of both kinds'),
  batch: count.default(1).describe('clips of a batch'),
  accumulate: count.default(1).describe('batches of a step, whose gradients are averaged'),
  seed: whole
    .max(2 ** 32 - 1)
    .default(0)
    .describe('decides first weights, noise and data'),
  learningRate: learningRate.prefault({}),
  adam: adam.prefault({}),
  trained: z
    .array(z.string().min(1))
    .min(1)
    .nullable()
    .default(null)
    .describe('weights that learn: names or what begins them, * for anything, as in ["decoder"]; null for all'),
  pixelError: z
    .enum(['l1', 'l2', 'psnr'])
    .default('l1')
    .describe("how pixels are compared; psnr: by the logarithm of each frame's mean square"),
  klWeight: z.number().nonnegative().default(1e-6).describe('how much the KL divergence counts'),
  perceptual: perceptual.nullable().default(null).describe('LPIPS; null leaves it out'),
  discriminator: discriminator.nullable().default(null).describe('the adversarial half; null leaves it out'),
  averageDecay: z
    .number()
    .min(0)
    .lt(1)
    .nullable()
    .default(0.999)
    .describe('decay of the averaged weights; null keeps none'),
  clipNorm: z.number().positive().nullable().default(null).describe('longest gradient that a step follows'),
  checkpointing: z.boolean().default(false).describe('less memory for about a third more work'),
  saveEvery: count.default(500).describe('steps between two checkpoints'),
  keep: count.default(3).describe('checkpoints that stay'),
  imagesEvery: whole.default(500).describe('steps between two pictures in TensorBoard; 0 for none'),
});

/** A checked configuration with its defaults filled in. */
export type TrainConfig = z.output<typeof trainConfigSchema>;

/** A configuration as one writes it: for `satisfies TrainConfigInput` in a TypeScript file. */
export type TrainConfigInput = z.input<typeof trainConfigSchema>;
