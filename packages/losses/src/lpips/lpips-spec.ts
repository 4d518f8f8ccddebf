import { biasParam, kernelParam, param, type ParamsOf } from '@od-vae/core';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import { type FeatureLayer, type LpipsNetwork, networks } from './networks.ts';

/** Weights of one feature convolution, under torchvision's name. */
function convSpec(name: string, inChannels: number, outChannels: number, kernel: number) {
  return {
    weight: kernelParam([1, kernel, kernel, inChannels, outChannels], `${name}.weight`, 'conv2d'),
    bias: biasParam(outChannels, `${name}.bias`),
  };
}

/** Weights of one convolution of a feature network. */
export type FeatureConvParams = ParamsOf<ReturnType<typeof convSpec>>;

/** Weights of LPIPS: the convolutions of its network in order, and one linear head for each slice. */
export function lpipsSpec(network: LpipsNetwork) {
  const convolutions: ReturnType<typeof convSpec>[] = [];
  const heads: ReturnType<typeof headSpec>[] = [];
  let channels = 3;
  for (const slice of networks[network]) {
    for (const layer of slice) channels = addLayer(convolutions, layer, channels);
    heads.push(headSpec(heads.length, channels));
  }
  return { convolutions, heads };
}

/** Weights of LPIPS. */
export type LpipsParams = ParamsOf<ReturnType<typeof lpipsSpec>>;

function headSpec(index: number, channels: number) {
  return param<Tensor5D>([1, 1, 1, channels, 1], `lin${index}.model.1.weight`, { layout: 'conv2d' });
}

/** Adds the convolutions of a layer, and gives the channels that come out of it. */
function addLayer(list: ReturnType<typeof convSpec>[], layer: FeatureLayer, channels: number): number {
  if (layer.kind === 'pool') return channels;
  const name = `features.${layer.index}`;
  if (layer.kind === 'conv') {
    list.push(convSpec(name, channels, layer.channels, layer.kernel));
    return layer.channels;
  }
  list.push(
    convSpec(`${name}.squeeze`, channels, layer.squeeze, 1),
    convSpec(`${name}.expand1x1`, layer.squeeze, layer.expand, 1),
    convSpec(`${name}.expand3x3`, layer.squeeze, layer.expand, 3),
  );
  return 2 * layer.expand;
}
