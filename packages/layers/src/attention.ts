import {
  concat,
  matMul,
  mul,
  reshape,
  slice,
  softmax,
  tidy,
  transpose,
  type Tensor3D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { defineKernel, type ParamsOf } from '@od-vae/core';

import { causalConv3d, type CausalConv3dParams, causalConv3dSpec, conv2dSpec, conv3dSpec } from './causal-conv3d.ts';
import { groupNorm, type GroupNormOptions, groupNormSpec } from './group-norm.ts';
import { addClips } from './resnet-block.ts';

/** Where a block's 1x1x1 convolutions come from in the files: `Conv2d`, `CausalConv3d` or plain `Conv3d`. */
export type AttentionStorage = 'conv2d' | 'causal' | 'conv3d';

/** Weights of single-head self-attention over `channels`: a norm and four 1x1x1 convolutions. */
export function attentionSpec(channels: number, storage: AttentionStorage) {
  const projection = () => {
    if (storage === 'conv2d') return conv2dSpec(channels, channels, [1, 1]);
    return (storage === 'causal' ? causalConv3dSpec : conv3dSpec)(channels, channels, [1, 1, 1]);
  };
  return {
    norm: groupNormSpec(channels),
    query: projection(),
    key: projection(),
    value: projection(),
    out: projection(),
  };
}

/** Weights of one attention block. */
export type AttentionParams = ParamsOf<ReturnType<typeof attentionSpec>>;

/**
 * Self-attention among the pixels of each frame, added to the input (`AttnBlock3DFix`).
 *
 * The norm spans the clip; frames do not attend to one another. Run it through `perFrame` for SD-VAE's block.
 */
export function spatialAttention(params: AttentionParams, x: Tensor5D, options: GroupNormOptions = {}): Tensor5D {
  const [batch, time, height, width, channels] = x.shape;
  return attend(params, x, options, {
    split: (clip) => reshape(clip, [batch * time, height * width, channels]),
    join: (tokens) => reshape(tokens, x.shape),
  });
}

/**
 * The attention of Open-Sora-Plan v1.0 (`AttnBlock3D`), which reads channels and frames in the wrong order.
 *
 * Its `(channels, time)` block is flattened as if it were `(time, channels)`, so each "frame" mixes some channels of all
 * frames. For one frame it equals {@link spatialAttention}. Only checkpoints of that release need it.
 */
export function scrambledAttention(params: AttentionParams, x: Tensor5D, options: GroupNormOptions = {}): Tensor5D {
  const [batch, time, height, width, channels] = x.shape;
  const area = height * width;
  return attend(params, x, options, {
    split: (clip) => {
      const channelsFirst = transpose(reshape(clip, [batch, time, area, channels]), [0, 3, 1, 2]);
      return transpose(reshape(channelsFirst, [batch * time, channels, area]), [0, 2, 1]);
    },
    join: (tokens) => {
      const channelsFirst = reshape(transpose(tokens, [0, 2, 1]), [batch, channels, time, area]);
      return reshape(transpose(channelsFirst, [0, 2, 3, 1]), x.shape);
    },
  });
}

/** Self-attention over time at each pixel, added to the input; not causal (`TemporalAttnBlock`). */
export function temporalAttention(params: AttentionParams, x: Tensor5D, options: GroupNormOptions = {}): Tensor5D {
  const [batch, time, height, width, channels] = x.shape;
  const area = height * width;
  return attend(params, x, options, {
    split: (clip) =>
      reshape(transpose(reshape(clip, [batch, time, area, channels]), [0, 2, 1, 3]), [batch * area, time, channels]),
    join: (tokens) => reshape(transpose(reshape(tokens, [batch, area, time, channels]), [0, 2, 1, 3]), x.shape),
  });
}

interface TokenOrder {
  /** Clip to sequences `[sequences, tokens, channels]`. */
  split(clip: Tensor5D): Tensor3D;
  join(tokens: Tensor3D): Tensor5D;
}

function attend(params: AttentionParams, x: Tensor5D, options: GroupNormOptions, order: TokenOrder): Tensor5D {
  return tidy('attention', () => {
    const hidden = groupNorm(params.norm, x, options);
    const tokens = (projection: CausalConv3dParams) => order.split(causalConv3d(projection, hidden));
    const mixed = scaledDotProduct(tokens(params.query), tokens(params.key), tokens(params.value));
    return addClips(x, causalConv3d(params.out, order.join(mixed)));
  });
}

type AttentionInputs = { query: Tensor3D; key: Tensor3D; value: Tensor3D };

/**
 * `softmax(query keyᵀ / sqrt(channels)) value` within each sequence.
 *
 * @param query `[sequences, tokens, channels]`, as are `key` and `value`
 */
export function scaledDotProduct(query: Tensor3D, key: Tensor3D, value: Tensor3D): Tensor3D {
  return spatialAttentionKernel({ query, key, value }, {});
}

const spatialAttentionKernel = /* @__PURE__ */ defineKernel(
  'SpatialAttention',
  ['query', 'key', 'value'],
  ({ query, key, value }: AttentionInputs, _attrs: Record<string, never>) => {
    const [sequences, tokens, channels] = query.shape;
    const together = Math.max(1, Math.floor(MAX_SCORES / (tokens * tokens)));
    const parts: Tensor3D[] = [];
    for (let begin = 0; begin < sequences; begin += together) {
      const count = Math.min(together, sequences - begin);
      const some = (x: Tensor3D) => slice(x, [begin, 0, 0], [count, tokens, channels]);
      parts.push(
        tidy(() => {
          const scores = matMul(mul(some(query), channels ** -0.5), some(key), false, true);
          return matMul(softmax(scores), some(value));
        }),
      );
    }
    return parts.length === 1 ? parts[0]! : concat(parts, 0);
  },
  { SpatialAttentionGrad: ['query', 'key', 'value'] },
);

/** Attention scores held at once, 64 MiB: sequences are taken together up to this many. */
const MAX_SCORES = 2 ** 24;
