import { ConfigError, normalSource, randomSeed, ShapeError } from '@od-vae/core';
import {
  add,
  addN,
  clipByValue,
  exp,
  keep,
  mul,
  reshape,
  slice,
  square,
  sub,
  sum,
  tensor,
  tidy,
  type Scalar,
  type Tensor5D,
} from '@tensorflow/tfjs-core';

const LOG_VARIANCE_RANGE = [-30, 20] as const;

/**
 * The diagonal Gaussian over latents that an encoder gives: `mean`, `logvar` and `std`, `[batch, time, height, width, channels]`.
 *
 * It owns its tensors; {@link dispose} frees them. What its methods return is the caller's.
 */
export class DiagonalGaussian implements Disposable {
  readonly mean: Tensor5D;
  /** Log-variance, clamped to [-30, 20]. */
  readonly logvar: Tensor5D;
  /** Standard deviation, `exp(logvar / 2)`. */
  readonly std: Tensor5D;
  #seed: number | undefined;

  /** @param moments mean and log-variance, one behind the other on the channels; borrowed */
  constructor(moments: Tensor5D) {
    const channels = moments.shape[4];
    if (channels % 2 !== 0) {
      throw new ShapeError(`DiagonalGaussian: moments need an even number of channels, but are [${moments.shape}].`);
    }
    const half = (index: number): Tensor5D => {
      const rows = reshape(moments, [moments.size / channels, channels]);
      const part = slice(rows, [0, (index * channels) / 2], [-1, channels / 2]);
      return reshape(part, [...moments.shape.slice(0, 4), channels / 2] as Tensor5D['shape']);
    };
    const [low, high] = LOG_VARIANCE_RANGE;
    // A posterior outlives the scope it is made in: `dispose` frees it, not an enclosing `tidy`.
    this.mean = keep(tidy(() => half(0)));
    const logvar = keep(tidy(() => clipByValue(half(1), low, high)));
    this.logvar = logvar;
    this.std = keep(tidy(() => reshape(exp(mul(flat(logvar), 0.5)), logvar.shape)));
  }

  /** `[batch, time, height, width, channels]` of the latents. */
  get shape(): Tensor5D['shape'] {
    return this.mean.shape;
  }

  /** The most probable latents: the mean. */
  mode(): Tensor5D {
    return this.mean.clone();
  }

  /** Seed of the last {@link sample}; undefined before the first. */
  get seed(): number | undefined {
    return this.#seed;
  }

  /**
   * Returns latents drawn at random: `mean + std * noise`.
   *
   * @param options `seed` is an integer from 0 to 2^32 - 1 that draws the same noise on every machine. By default each
   *   call draws fresh noise; `posterior.seed` is the seed that was used.
   * @throws ConfigError when the seed is not such an integer
   */
  sample({ seed = randomSeed() }: { seed?: number | undefined } = {}): Tensor5D {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
      throw new ConfigError(`sample: seed must be an integer from 0 to 4294967295, but is ${String(seed)}.`);
    }
    this.#seed = seed;
    return tidy(() => {
      const normal = normalSource(seed);
      const noise: Tensor5D = tensor(Float32Array.from({ length: this.mean.size }, normal), this.mean.shape);
      return addFlat(this.mean, mulFlat(this.std, noise));
    });
  }

  /**
   * Kullback-Leibler divergence from the standard normal, summed over all latents of a sample and averaged over the batch:
   * `0.5 * sum(mean² + variance - 1 - logvar) / batch`, the value that the official loss uses.
   */
  kl(): Scalar {
    return tidy(() => {
      const [mean, logvar] = [flat(this.mean), flat(this.logvar)];
      const terms = sub(addN([square(mean), exp(logvar)]), add(logvar, 1));
      return mul(sum(terms), 0.5 / this.mean.shape[0]) as Scalar;
    });
  }

  dispose(): void {
    this.mean.dispose();
    this.logvar.dispose();
    this.std.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const flat = (x: Tensor5D) => reshape(x, [x.size]);
const addFlat = (a: Tensor5D, b: Tensor5D): Tensor5D => reshape(add(flat(a), flat(b)), a.shape);
const mulFlat = (a: Tensor5D, b: Tensor5D): Tensor5D => reshape(mul(flat(a), flat(b)), a.shape);
