import {
  concat,
  type KernelConfig,
  matMul,
  mul,
  slice,
  softmax,
  sub,
  sum,
  type Tensor3D,
  tidy,
} from '@tensorflow/tfjs-core';

/** Scores held at once: sequences are taken together up to this many. */
const MOST_SCORES = 2 ** 24;

/** `SpatialAttentionGrad`: the gradients of query, key and value, by TensorFlow.js's own tiled matrix products. */
export const spatialAttentionGrad: KernelConfig = {
  kernelName: 'SpatialAttentionGrad',
  backendName: 'webgpu',
  kernelFunc: ({ inputs }) => {
    const { query, key, value, dy } = inputs as unknown as Record<'query' | 'key' | 'value' | 'dy', Tensor3D>;
    const [sequences, tokens, channels] = query.shape;
    const together = Math.max(1, Math.floor(MOST_SCORES / (tokens * tokens)));
    return tidy(() => {
      const parts: Tensor3D[][] = [];
      for (let begin = 0; begin < sequences; begin += together) {
        const size = Math.min(together, sequences - begin);
        const some = (x: Tensor3D) => slice(x, [begin, 0, 0], [size, tokens, channels]);
        parts.push(tidy(() => gradientsOf(some(query), some(key), some(value), some(dy))));
      }
      return [0, 1, 2].map((index) => concat(parts.map((part) => part[index]!)));
    });
  },
};

function gradientsOf(query: Tensor3D, key: Tensor3D, value: Tensor3D, dy: Tensor3D): Tensor3D[] {
  const scale = query.shape[2] ** -0.5;
  const weights = softmax(matMul(mul(query, scale), key, false, true));
  const byWeights = matMul(dy, value, false, true);
  const mean = sum(mul(byWeights, weights), -1, true);
  const byScores = mul(mul(weights, sub(byWeights, mean)), scale) as Tensor3D;
  return [matMul(byScores, key), matMul(byScores, query, true, false), matMul(weights, dy, true, false)];
}
