import { defineKeyMap, type KeyRule, type Rename } from './key-map.ts';

/** Modules that both families have under one name. */
const SAME: readonly KeyRule[] = [
  'encoder.conv_in',
  'encoder.conv_out',
  'decoder.conv_in',
  'decoder.conv_out',
  'quant_conv',
  'post_quant_conv',
].map((name) => [name, name]);

const RESNET = ['norm1', 'conv1', 'norm2', 'conv2'];

/** Children of an attention block, and the names that diffusers used until version 0.18. */
const ATTENTION: readonly (readonly [left: string, right: string, old: string])[] = [
  ['norm', 'group_norm', 'group_norm'],
  ['q', 'to_q', 'query'],
  ['k', 'to_k', 'key'],
  ['v', 'to_v', 'value'],
  ['proj_out', 'to_out.0', 'proj_attn'],
];

function resnetRules(left: string, right: string): KeyRule[] {
  const same = RESNET.map((child): KeyRule => [`${left}.${child}`, `${right}.${child}`]);
  return [...same, [`${left}.nin_shortcut`, `${right}.conv_shortcut`]];
}

function attentionRules(left: string, right: string): KeyRule[] {
  return [
    ...ATTENTION.map(([ours, theirs]): KeyRule => [`${left}.${ours}`, `${right}.${theirs}`]),
    ...ATTENTION.map(([ours, , old]): KeyRule => [`${left}.${ours}`, `${right}.${old}`]),
  ];
}

function sideRules(side: 'encoder' | 'decoder'): KeyRule[] {
  return [
    [`${side}.norm_out`, `${side}.conv_norm_out`],
    ...resnetRules(`${side}.mid.block_1`, `${side}.mid_block.resnets.0`),
    ...resnetRules(`${side}.mid.block_2`, `${side}.mid_block.resnets.1`),
    ...attentionRules(`${side}.mid.attn_1`, `${side}.mid_block.attentions.0`),
  ];
}

/** Levels of one side; the samplers over time exist in Open-Sora-Plan alone, and get names in diffusers' manner. */
function levelRules(left: string, right: string, sampler: 'down' | 'up'): KeyRule[] {
  return [
    ...resnetRules(`${left}.block.#`, `${right}.resnets.#`),
    ...attentionRules(`${left}.attn.#`, `${right}.attentions.#`),
    [`${left}.${sampler}sample`, `${right}.${sampler}samplers.0`],
    [`${left}.time_${sampler}sample`, `${right}.time_${sampler}samplers.0`],
  ];
}

const keys = /* @__PURE__ */ defineKeyMap([
  ...SAME,
  .../* @__PURE__ */ sideRules('encoder'),
  .../* @__PURE__ */ sideRules('decoder'),
  .../* @__PURE__ */ levelRules('encoder.down.#', 'encoder.down_blocks.#', 'down'),
  .../* @__PURE__ */ levelRules('decoder.up.~', 'decoder.up_blocks.~', 'up'),
]);

/**
 * A diffusers name for one of Open-Sora-Plan or CompVis, or undefined where no rule knows it.
 *
 * A causal convolution keeps its inner `conv`, so nothing is lost. `levels` counts the decoder's levels, which the two
 * families number from opposite ends.
 */
export const toDiffusersName: Rename = keys.toRight;

/** The opposite of {@link toDiffusersName}; the attention names of diffusers up to 0.17 are known too. */
export const fromDiffusersName: Rename = keys.toLeft;

/** Levels of a decoder, from names of any family: one more than the highest, or 0. */
export function decoderLevels(names: Iterable<string>): number {
  let levels = 0;
  for (const name of names) {
    const level = /^decoder\.(?:up|up_blocks)\.(\d{1,3})\./.exec(name)?.[1];
    if (level !== undefined) levels = Math.max(levels, Number(level) + 1);
  }
  return levels;
}
