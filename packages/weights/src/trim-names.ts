import { CheckpointError } from '@od-vae/core/base';

/** Which tensors of a file are the autoencoder's, and what they are called without their prefix. */
export interface TrimmedNames {
  /** The module they were taken from, such as `first_stage_model`; undefined when they had no prefix. */
  readonly module: string | undefined;
  /** Name in the file by name here. */
  readonly names: ReadonlyMap<string, string>;
  readonly ignored: readonly string[];
}

/** Modules that an autoencoder is in a larger checkpoint: latent diffusion's, and that of diffusion trainers. */
const MODULES = ['first_stage_model', 'vae'];

/** The training loss, whose networks older releases keep among the weights. */
const LOSS = /^loss\./;

/** What stands beside an autoencoder that has no prefix: copies for EMA, the denoiser, the text encoder. */
const OTHER_MODULES = /^(?:model_ema|model|cond_stage_model|dics_model|optimizer)\./;

/**
 * Takes the prefixes of wrappers away and leaves other modules out.
 *
 * @param ema whether the names come from an EMA copy, where every `module.` goes, as Open-Sora-Plan does
 * @throws CheckpointError when two names become one
 */
export function trimNames(all: Iterable<string>, { ema, label }: { ema: boolean; label: string }): TrimmedNames {
  const originals = [...all];
  const parallel = originals.every((name) => name.startsWith('module.'));
  const bare = (name: string): string => (ema ? name.replaceAll('module.', '') : parallel ? name.slice(7) : name);
  const named = originals.map((original) => ({ original, name: bare(original) }));
  const module = MODULES.find((prefix) => named.some(({ name }) => name.startsWith(`${prefix}.`)));
  const inside = named.some(({ name }) => /^(?:encoder|decoder)\./.test(name));

  const names = new Map<string, string>();
  const ignored: string[] = [];
  for (const { original, name } of named) {
    const own = module === undefined ? name : name.startsWith(`${module}.`) ? name.slice(module.length + 1) : undefined;
    if (own === undefined || LOSS.test(own) || (inside && OTHER_MODULES.test(own))) {
      ignored.push(original);
      continue;
    }
    if (names.has(own)) throw new CheckpointError(`${label}: "${names.get(own)}" and "${original}" are both "${own}".`);
    names.set(own, original);
  }
  return { module, names, ignored };
}
