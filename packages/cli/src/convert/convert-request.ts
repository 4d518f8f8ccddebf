import type { InflationMethod } from '@od-vae/initializers';
import type { FloatDType, NamedFamily } from '@od-vae/weights';

/** What `od-vae convert` is asked for. */
export interface ConvertRequest {
  /** A file, folder, address or Hub id. */
  readonly input: string;
  /** A `.safetensors` file, or a folder. */
  readonly output: string;
  /** Names to write; those of the source without it, or Open-Sora-Plan's after inflation. */
  readonly to?: NamedFamily | undefined;
  /** Element type of the floats; as stored without it. */
  readonly dtype?: FloatDType | undefined;
  /** Turns an SD-VAE into a video VAE. */
  readonly inflation?: InflationRequest | undefined;
  /** Bytes of tensors to a file; one file holds all without it. */
  readonly shardBytes?: number | undefined;
  /** Whether the averaged weights of a training checkpoint are taken where it has them. */
  readonly useEma: boolean;
}

/** How an SD-VAE becomes a video VAE. */
export interface InflationRequest {
  readonly method: InflationMethod;
  readonly variant?: string | undefined;
  readonly release?: string | undefined;
  readonly normNumGroups?: number | undefined;
  readonly seed: number;
}

/** What `od-vae convert` wrote. */
export interface ConvertReport {
  readonly input: string;
  /** The weights file, or the index of several. */
  readonly output: string;
  /** The `config.json` beside it, where there is one that belongs to it. */
  readonly config: string | undefined;
  readonly family: string;
  /** Which part of the source was taken, such as `ema_state_dict`. */
  readonly part: string;
  /** Such as `variant 4 (release v1.2)`; undefined where the weights are no OD-VAE with a config. */
  readonly architecture: string | undefined;
  readonly tensors: number;
  readonly parameters: number;
  /** Tensors by element type. */
  readonly dtypes: Readonly<Record<string, number>>;
  readonly bytes: number;
  /** How many entries of the source were left out. */
  readonly ignored: number;
  readonly seconds: number;
  readonly note?: string | undefined;
}
