import { variants } from '@od-vae/models';

type Settings = Readonly<Record<string, unknown>>;

/**
 * The paper's recipe (section 4.1 and the released script) for any model. `perceptual.weights` must be given: they are files
 * of the user's (`perceptual=null` leaves LPIPS out).
 */
const RECIPE: Settings = {
  steps: 650_000,
  batch: 8,
  learningRate: { rate: 1e-5 },
  perceptual: { network: 'vgg', weight: 1 },
  discriminator: { start: 2000 },
  averageDecay: 0.999,
  data: { frames: 25, size: 256 },
};

const ablation = (model: string): Settings => ({ ...RECIPE, model, steps: 150_000 });

/** What `--preset` names: the paper's run, its ablations, and a model that trains on a CPU. */
export const trainPresets = {
  /** Variant 4 from an SD-VAE by tail initialization. */
  paper: { ...RECIPE, model: 'variant4' },
  variant1: ablation('variant1'),
  variant2: ablation('variant2'),
  variant3: ablation('variant3'),
  variant4: ablation('variant4'),
  'init-tail': { ...ablation('variant4'), init: { method: 'tail' } },
  'init-average': { ...ablation('variant4'), init: { method: 'average' } },
  'init-random': { ...ablation('variant4'), init: { method: 'random' } },
  /** Variant 4 at width 32, as `@od-vae/small`: 4,678,919 parameters. */
  small: {
    model: { ...variants[4], hidden_size: 32, hidden_size_mult: [1, 2, 2, 2], norm_num_groups: 8 },
    steps: 20_000,
    batch: 2,
    learningRate: { rate: 2e-4, shape: 'cosine', warmup: 100, final: 1e-6 },
    data: { frames: 9, size: 64, crop: 'random', flip: true },
    discriminator: { start: 10_000 },
    clipNorm: 1000,
  },
} as const satisfies Record<string, Settings>;

/** The name of a preset. */
export type TrainPreset = keyof typeof trainPresets;
