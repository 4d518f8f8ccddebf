import { causalConv3d, causalConv3dSpec, groupNormSilu, groupNormSpec, scaledDotProduct } from '@od-vae/layers';
import { sizeOf } from '@od-vae/core';
import { decode, encode, odVaeSpec, parseConfig, strides } from '@od-vae/models';
import { conv3d, tensor, type Tensor3D, type Tensor5D } from '@tensorflow/tfjs-core';

import type { Case, Clip } from './protocol.ts';
import { randomParams, randomValues } from './random-values.ts';
import { trainingPair } from './training-pair.ts';
import { trainingStep } from './training-step.ts';

type Kernel = Extract<Case, { channels: number }>;
type Model = Extract<Case, { kind: 'encode' | 'decode' | 'step' }>;

/** What a case measures, on the TensorFlow.js backend in use. All but training is synchronous on the CPU's backends. */
export function tfjsRun(one: Case): () => void | Promise<void> {
  if (one.kind === 'step') return trainingStep(one.config, clipOf(one.clip, 3));
  if (one.kind === 'train') return trainingPair(one.config, clipOf(one.clip, 3, one.batch));
  return 'channels' in one ? kernelRun(one) : modelRun(one);
}

function kernelRun(one: Kernel): () => void {
  const { channels } = one;
  if (one.kind === 'attention') {
    const [frames, height, width] = one.clip;
    const shape: [number, number, number] = [frames, height * width, channels];
    const [query, key, value] = [0, 1, 2].map(() => tensor(randomValues(frames * height * width * channels), shape));
    return () => scaledDotProduct(query as Tensor3D, key as Tensor3D, value as Tensor3D).dispose();
  }
  const x = clipOf(one.clip, channels);
  if (one.kind === 'convolution') {
    const params = randomParams(causalConv3dSpec(channels, channels, one.kernel));
    return () => causalConv3d(params, x).dispose();
  }
  const params = randomParams(groupNormSpec(channels));
  return () => groupNormSilu(params, x).dispose();
}

/** TensorFlow.js's own 3D convolution of as many products; it knows no causal border. */
export function stockConvolution({ channels, clip, kernel }: Extract<Case, { kind: 'convolution' }>): () => void {
  const x = clipOf(clip, channels);
  const { weight } = randomParams(causalConv3dSpec(channels, channels, kernel));
  return () => conv3d(x, weight, 1, 'same').dispose();
}

function modelRun({ kind, config: official, clip }: Model): () => void {
  const config = parseConfig(official);
  const params = randomParams(odVaeSpec(config));
  if (kind === 'encode') {
    const x = clipOf(clip, 3);
    return () => encode(params, x, config).dispose();
  }
  const { time, space } = strides(config);
  const [frames, height, width] = clip;
  const latents = clipOf([(frames - 1) / time + 1, height / space, width / space], config.latentChannels);
  return () => decode(params, latents, config).dispose();
}

function clipOf([frames, height, width]: Clip, channels: number, batch = 1): Tensor5D {
  const shape: Tensor5D['shape'] = [batch, frames, height, width, channels];
  return tensor(randomValues(sizeOf(shape)), shape);
}
