import {
  CheckpointError,
  listNames,
  sizeOf,
  type SourceTensor,
  type TensorSource,
  uniformSource,
} from '@od-vae/core/base';

import {
  averageInflation,
  diracKernel,
  type Inflation,
  type InflationMethod,
  randomInflation,
  tailInflation,
} from './inflation.ts';

/** A weight of the model to initialize: its name and shape in Open-Sora-Plan's files, and its values without a counterpart. */
export interface TargetParam {
  readonly name: string;
  readonly shape: readonly number[];
  readonly spec: { readonly init: (shape: number[], random: () => number) => Float32Array };
}

/** Options of {@link inflateCheckpoint}. */
export interface InflateOptions {
  method?: InflationMethod | undefined;
  /** Seed of random initialization. */
  seed?: number | undefined;
}

/**
 * Weights for a video VAE from those of an SD-VAE.
 *
 * Kernels that gain taps are inflated; one-tap kernels, 2D kernels, norms and biases are copied. Weights without a
 * counterpart (the learned time resamplers of release v1.1) start as a Dirac, so that they pass frames on unchanged.
 * Values are made when they are read.
 *
 * @param source an SD-VAE under CompVis names, `[out, in, height, width]`; attention weights may also be `[out, in]`
 * @param targets every weight of the model to initialize
 * @throws CheckpointError when the source lacks a counterpart, has another shape, or has weights that nothing reads.
 */
export function inflateCheckpoint(
  source: TensorSource,
  targets: readonly TargetParam[],
  { method = 'tail', seed = 0 }: InflateOptions = {},
): TensorSource {
  const seeds = uniformSource(seed);
  const used = new Set<string>();
  const tensors = new Map<string, SourceTensor>();
  for (const target of targets) {
    const name = imageName(target.name);
    used.add(name);
    // A seed for each weight: its values do not depend on when, or how often, it is read.
    const ownSeed = Math.floor(seeds() * 2 ** 32);
    const counterpart = name.includes('.time_') ? undefined : source.tensors.get(name);
    if (!counterpart && !name.includes('.time_')) {
      throw new CheckpointError(`${source.label}: "${target.name}" is initialized from "${name}", which is missing.`);
    }
    tensors.set(
      target.name,
      counterpart
        ? inflated(source.label, name, counterpart, target, () => inflationOf(method, ownSeed))
        : fresh(target, ownSeed),
    );
  }
  const spare = [...source.tensors.keys()].filter((name) => !used.has(name));
  if (spare.length > 0) {
    throw new CheckpointError(
      `${source.label}: the model has no place for ${spare.length} ${spare.length === 1 ? 'weight' : 'weights'}: ${listNames(spare)}.`,
    );
  }
  return { label: `${source.label} (${method} initialization)`, tensors };
}

/** The CompVis name of the SD-VAE weight that an Open-Sora-Plan weight grows from. */
export function imageName(name: string): string {
  const leaf = name.slice(name.lastIndexOf('.') + 1);
  const sampler = /^(.*\.(?:downsample|upsample))\./.exec(name);
  return sampler ? `${sampler[1]}.conv.${leaf}` : name.replace(/\.conv\.(weight|bias)$/, '.$1');
}

function inflationOf(method: InflationMethod, seed: number): Inflation {
  if (method === 'random') return randomInflation({ seed });
  return method === 'tail' ? tailInflation : averageInflation;
}

function inflated(
  label: string,
  name: string,
  counterpart: SourceTensor,
  { shape }: TargetParam,
  makeInflation: () => Inflation,
): SourceTensor {
  const image = imageShape(shape);
  const stored = counterpart.shape.length === 2 && shape.length > 2 ? [...counterpart.shape, 1, 1] : counterpart.shape;
  if (stored.length !== image.length || stored.some((dimension, axis) => dimension !== image[axis])) {
    throw new CheckpointError(`${label}: "${name}" is [${counterpart.shape}], but the model needs [${image}].`);
  }
  return {
    shape,
    float32: async () => {
      const values = await counterpart.float32();
      if (shape.length !== 5) return values;
      const [out, channels, time, height, width] = shape as [number, number, number, number, number];
      return makeInflation()(values, { channels: out * channels, time, area: height * width });
    },
  };
}

/** The shape of a weight without its extent in time. */
function imageShape(shape: readonly number[]): readonly number[] {
  return shape.length === 5 ? [shape[0]!, shape[1]!, shape[3]!, shape[4]!] : shape;
}

function fresh({ name, shape, spec }: TargetParam, seed: number): SourceTensor {
  return {
    shape,
    float32: async () => {
      const [out, channels, time, height, width] = shape;
      const isConvolution = /\.time_\w+\.conv\./.test(name);
      if (isConvolution && shape.length === 1) return new Float32Array(sizeOf(shape));
      if (isConvolution && out === channels) return diracKernel(out!, time!, height!, width!);
      return spec.init([...shape], uniformSource(seed));
    },
  };
}
