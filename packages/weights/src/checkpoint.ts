import type { TensorSource } from '@od-vae/core/base';

import type { Family } from './family.ts';
import type { StoredTensor } from './stored-tensor.ts';

/** An open checkpoint: what it is, and its weights, read when asked for. Its owner closes it. */
export interface Checkpoint extends TensorSource, AsyncDisposable {
  /** By the names of the file, without the prefixes of wrappers, in the file's order. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly format: 'safetensors' | 'torch';
  /** Whose names the tensors have. */
  readonly family: Family;
  /**
   * Which part of the file was taken: `ema_state_dict`, `state_dict.gen_model`, `state_dict`, `first_stage_model`,
   * `vae`, or `all`.
   */
  readonly part: string;
  /** Names of what was left out: losses, discriminators, optimizers, other models, values that are no tensors. */
  readonly ignored: readonly string[];
  /** The header's `__metadata__` of a safetensors file, of the first shard where there are several; else empty. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The `config.json` beside the weights, parsed but not checked; undefined where there is none. */
  readonly config: unknown;
  /** Closes every file; reading a tensor fails afterwards. */
  close(): Promise<void>;
}
