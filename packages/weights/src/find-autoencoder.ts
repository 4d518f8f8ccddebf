/** Modules that PyTorch's wrappers insert into names, at any depth: data parallelism, compilation, sharding, checkpointing. */
const WRAPPERS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'module',
  '_orig_mod',
  '_forward_module',
  '_fsdp_wrapped_module',
  '_fpw_module',
  '_checkpoint_wrapped_module',
]);

/** A name that only an autoencoder of the known families has, behind any prefix. */
const AUTOENCODER =
  /^(.*?\.)??(?:encoder|decoder)\.(?:down|up|mid|norm_out|down_blocks|up_blocks|mid_block|conv_norm_out)\./;

/** The training loss has networks of its own. */
const LOSS = /(?:^|\.)loss\./;

const EMA = /(?:^|[._])ema(?:[._]|$)/i;

/** Removes the modules that wrappers insert, such as `module.` and `_orig_mod.`, from a name. */
export function unwrapName(name: string): string {
  const parts = name.split('.').filter((part) => !WRAPPERS.has(part));
  return parts.length > 0 ? parts.join('.') : name;
}

/** Returns the modules, such as `vae`, that contain an autoencoder; the empty text is the model itself. */
export function findAutoencoders(names: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const name of names) {
    const match = AUTOENCODER.exec(name);
    if (match && !LOSS.test(name)) found.add(match[1]?.slice(0, -1) ?? '');
  }
  return [...found];
}

/**
 * Returns the one of several autoencoders to load: EMA weights if they are wanted, then the first of `usual` that is
 * there, or undefined where the choice is not clear.
 */
export function chooseAutoencoder(
  paths: readonly string[],
  usual: readonly string[],
  useEma: boolean,
): string | undefined {
  const fitting = paths.filter((path) => EMA.test(path) === useEma);
  const left = fitting.length > 0 ? fitting : paths;
  return left.length === 1 ? left[0] : usual.find((path) => left.includes(path));
}
