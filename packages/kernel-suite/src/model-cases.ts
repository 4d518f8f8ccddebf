import '@tensorflow/tfjs-layers';

import { fromStored, mapSpec, paramTensors, type ParamTree, storedShape } from '@od-vae/core';
import { decode, encode, type OdVaeParams, odVaeSpec, parseConfig, variants } from '@od-vae/models';
import { goldenWeight, noiseClip } from '@od-vae/test-utils';
import { grads, slice, type Tensor, tensor, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import type { BackendCase } from './backend-case.ts';
import { valuesOf } from './values.ts';

/** Variant 4 as narrow as group norms allow, one block a level, and without the second of its four levels. */
const CONFIG = parseConfig({
  ...variants[4],
  hidden_size: 32,
  hidden_size_mult: [1, 1, 1],
  num_res_blocks: 1,
  encoder_resnet_blocks: ['ResnetBlock2D', 'ResnetBlock3D', 'ResnetBlock3D'],
  encoder_spatial_downsample: ['Downsample', 'Spatial2xTime2x3DDownsample', ''],
  encoder_temporal_downsample: ['', '', ''],
  decoder_resnet_blocks: ['ResnetBlock3D', 'ResnetBlock3D', 'ResnetBlock3D'],
  decoder_spatial_upsample: ['', 'SpatialUpsample2x', 'Spatial2xTime2x3DUpsample'],
  decoder_temporal_upsample: ['', '', ''],
});

const SHAPE = [1, 3, 8, 12, 3] as const;

/** A narrow model from end to end: its moments, the clip that it rebuilds, and the gradients of all weights and of the clip. */
export const modelCases: readonly BackendCase[] = [
  { name: 'moments of a narrow model', op: undefined, tolerance: 1e-4, run: () => onModel((moments) => [moments]) },
  { name: 'clip of a narrow model', op: undefined, tolerance: 1e-3, run: () => onModel((_, rebuilt) => [rebuilt]) },
  { name: 'gradients of a narrow model', op: undefined, tolerance: 1e-3, run: modelGradients },
];

async function onModel(pick: (moments: Tensor5D, rebuilt: Tensor5D) => Tensor[]) {
  return valuesOf(
    tidy(() => {
      const params = modelParams();
      const moments = encode(params, clipOf('x'), CONFIG);
      return pick(moments, decode(params, modeOf(moments), CONFIG));
    }),
  );
}

async function modelGradients() {
  return valuesOf(
    tidy(() => {
      const tensors = paramTensors(modelParams() as ParamTree);
      const rebuild = (...given: Tensor[]) => {
        let next = 0;
        const params = mapSpec(odVaeSpec(CONFIG), () => given[next++]!) as OdVaeParams;
        return decode(params, modeOf(encode(params, given.at(-1) as Tensor5D, CONFIG)), CONFIG);
      };
      return grads(rebuild)([...tensors, clipOf('x')], clipOf('dy'));
    }),
  );
}

/** The mean of the distribution: the first half of the channels. */
function modeOf(moments: Tensor5D): Tensor5D {
  const [, , , , channels] = moments.shape;
  return slice(moments, [0, 0, 0, 0, 0], [-1, -1, -1, -1, channels / 2]);
}

function modelParams(): OdVaeParams {
  return mapSpec(odVaeSpec(CONFIG), (leaf, path) => {
    const key = `${path.join('.')}.${leaf.storedName}`;
    return tensor(fromStored(goldenWeight(key, storedShape(leaf)), leaf), [...leaf.shape], 'float32');
  }) as OdVaeParams;
}

function clipOf(key: string): Tensor5D {
  return noiseClip(`model.${key}`, [...SHAPE]);
}
