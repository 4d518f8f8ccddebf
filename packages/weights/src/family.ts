/** Whose names a checkpoint uses. `unknown` names fit none of the three. */
export type Family = 'open-sora-plan' | 'compvis' | 'diffusers' | 'unknown';

/** The families that names can be turned into. */
export type NamedFamily = Exclude<Family, 'unknown'>;

const DIFFUSERS = /^(?:encoder|decoder)\.(?:down_blocks|up_blocks|mid_block|conv_norm_out)\./;
const COMPVIS = /^(?:encoder|decoder)\.(?:down|up|mid|norm_out)\./;

/** A causal convolution keeps its parameters in a child `conv`; nothing in CompVis is called so. */
const CAUSAL = /(?:conv|conv1|conv2|conv_in|conv_out|quant_conv|nin_shortcut|\.[qkv]|proj_out)\.conv\.(?:weight|bias)$/;

/**
 * The family of a list of names.
 *
 * A 2D SD-VAE has the same names in Open-Sora-Plan and in CompVis, and counts as CompVis.
 */
export function detectFamily(names: Iterable<string>): Family {
  const list = [...names];
  if (list.some((name) => DIFFUSERS.test(name))) return 'diffusers';
  if (!list.some((name) => COMPVIS.test(name))) return 'unknown';
  return list.some((name) => CAUSAL.test(name)) ? 'open-sora-plan' : 'compvis';
}
