import { paramLeaves, type ParamSpec, type SpecTree, storedShape } from '@od-vae/core';

/** Where Open-Sora-Plan's word for a part differs from ours. */
const PARTS: Readonly<Record<string, string>> = {
  convIn: 'conv_in',
  convOut: 'conv_out',
  normOut: 'norm_out',
  blocks: 'block',
  attentions: 'attn',
  middle: 'mid',
  block1: 'block_1',
  block2: 'block_2',
  middleAttention: 'attn_1',
  attention: 'attn',
  residual: 'res',
  shortcut: 'nin_shortcut',
  query: 'q',
  key: 'k',
  value: 'v',
  out: 'proj_out',
  quant: 'quant_conv',
  postQuant: 'post_quant_conv',
};

const ENCODER_PARTS: typeof PARTS = {
  levels: 'down',
  resampleSpace: 'downsample',
  resampleTime: 'time_downsample',
};

const DECODER_PARTS: typeof PARTS = { levels: 'up', resampleSpace: 'upsample', resampleTime: 'time_upsample' };

/** The name of a weight in Open-Sora-Plan's files, from its path in the tree. */
export function storedName(path: readonly string[], spec: ParamSpec): string {
  const sided = path[0] === 'encoder' ? ENCODER_PARTS : DECODER_PARTS;
  const parents = path.slice(0, -1).map((part) => sided[part] ?? PARTS[part] ?? part);
  return [...parents, spec.storedName].join('.');
}

/** One weight as PyTorch's file holds it. */
export interface StoredParam {
  /** Name in Open-Sora-Plan's files. */
  readonly name: string;
  /** Path in the tree, joined with dots. */
  readonly path: string;
  readonly spec: ParamSpec;
  /** Shape in the file: a kernel is `[out, in, time, height, width]`, or `[out, in, height, width]`. */
  readonly shape: readonly number[];
}

/** Every weight of a spec with its name and shape in PyTorch's files, in the order of construction. */
export function storedParams(spec: SpecTree): StoredParam[] {
  return [...paramLeaves(spec)].map(({ path, spec: leaf }) => ({
    name: storedName(path, leaf),
    path: path.join('.'),
    spec: leaf,
    shape: storedShape(leaf),
  }));
}
