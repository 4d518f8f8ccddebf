import { CheckpointError } from '@od-vae/core/base';

import { chooseAutoencoder, findAutoencoders, unwrapName } from './find-autoencoder.ts';

/** Which tensors of a file are the autoencoder's, and what they are called without their prefix. */
export interface TrimmedNames {
  /** The module they were taken from, such as `first_stage_model`; undefined when they had no prefix. */
  readonly module: string | undefined;
  /** Name in the file by name here. */
  readonly names: ReadonlyMap<string, string>;
  readonly ignored: readonly string[];
}

/** How names are trimmed. */
interface TrimOptions {
  /** Whether EMA weights are taken where a file has them beside others. */
  readonly useEma: boolean;
  /** The file, for messages. */
  readonly label: string;
}

/** Modules that an autoencoder is in a larger checkpoint: latent diffusion's, and that of diffusion trainers. */
const MODULES = ['first_stage_model', 'vae', ''];

/** The training loss, whose networks older releases keep among the weights. */
const LOSS = /^loss\./;

/** Modules and counters beside an autoencoder that has no prefix: EMA copies, the denoiser, the text encoder. */
const OTHERS =
  /^(?:(?:model_ema|model|cond_stage_model|dics_model|optimizer)\.|(?:n_averaged|num_updates|decay|step)$)/;

/** Parameters of PyTorch's FSDP that were joined into one and have lost their names. */
const FLATTENED = /(?:^|\.)_?flat_param(?:_\d+)?$/;

/**
 * Removes the prefixes of wrappers from names and leaves other modules out; weights of the loss stay.
 *
 * The names stay as they are where no autoencoder is found, or several without a clear choice.
 *
 * @throws CheckpointError when two names become one, or the names are lost
 */
export function trimNames(all: Iterable<string>, { useEma, label }: TrimOptions): TrimmedNames {
  const named = Array.from(all, (original) => ({ original, name: unwrapName(original) }));
  assertNamed(named, label);
  const found = findAutoencoders(named.map(({ name }) => name));
  const usual = MODULES.find((prefix) => named.some(({ name }) => name.startsWith(`${prefix}.`)));
  const chosen = found.length === 0 ? usual : chooseAutoencoder(found, MODULES, useEma);
  const module = chosen === '' ? undefined : chosen;
  const others = chosen === '' ? found.filter((path) => path !== '') : [];
  const inside = named.some(({ name }) => /^(?:encoder|decoder)\./.test(name));

  const names = new Map<string, string>();
  const ignored: string[] = [];
  for (const { original, name } of named) {
    const own = module === undefined || LOSS.test(name) ? name : withoutPrefix(name, module);
    const isOther = others.some((path) => name.startsWith(`${path}.`)) || (inside && OTHERS.test(own ?? ''));
    if (own === undefined || isOther) {
      ignored.push(original);
      continue;
    }
    if (names.has(own)) throw new CheckpointError(`${label}: "${names.get(own)}" and "${original}" are both "${own}".`);
    names.set(own, original);
  }
  return { module, names, ignored };
}

function withoutPrefix(name: string, module: string): string | undefined {
  return name.startsWith(`${module}.`) ? name.slice(module.length + 1) : undefined;
}

function assertNamed(named: readonly { name: string; original: string }[], label: string): void {
  const flat = named.find(({ name }) => FLATTENED.test(name));
  if (!flat) return;
  throw new CheckpointError(
    `${label}: "${flat.original}" contains flattened parameters of FSDP, which have no names; ` +
      `save the model's full state_dict (StateDictType.FULL_STATE_DICT).`,
  );
}
