import type { LongCallOptions } from '@od-vae/core/base';

/** How models are fetched from the Hugging Face Hub. */
export interface HubOptions {
  /** For private and gated models, `hf_…`. */
  token?: string | undefined;
  /** Where files are kept, in the layout of Python's huggingface_hub; by default where Python keeps them. */
  cacheDir?: string | undefined;
  /** Address of the Hub, `https://huggingface.co` by default. */
  endpoint?: string | undefined;
}

/** How a checkpoint is opened. */
export interface OpenCheckpointOptions extends LongCallOptions {
  /** Ends opening, downloads, and later reads of tensors. */
  signal?: AbortSignal | undefined;
  /** Takes the averaged weights of a training checkpoint where it has them; true by default. */
  useEma?: boolean | undefined;
  /** Used in place of the global `fetch`, for servers and the Hub. */
  fetch?: typeof fetch | undefined;
  hub?: HubOptions | undefined;
}
