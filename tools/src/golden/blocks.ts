import { disposeParams, fromStored, mapSpec, type ParamTree } from '@od-vae/core';
import {
  type Border,
  causalConv3d,
  type CausalConv3dParams,
  causalConv3dSpec,
  conv2dSpec,
  type Triple,
} from '@od-vae/layers';
import { type Block, blockNamed, storedParams } from '@od-vae/models';
import { goldenWeight } from '@od-vae/test-utils';
import { tensor } from '@tensorflow/tfjs-core';

import { basisOf, type GoldenCheck, metadataJson } from './check.ts';
import { distance, goldenClip } from './golden-model.ts';

type Size = number | number[];

interface BlockCase {
  name: string;
  block: string;
  args: {
    kernel_size?: Size;
    stride?: Size;
    padding?: Size;
    in_channels?: number;
    chan_in?: number;
    out_channels?: number;
    chan_out?: number;
  };
  x: number[];
  keys: Record<string, number[]>;
}

/** Every building block alone, with its weights under the names of the files. */
export const checkBlocks: GoldenCheck = async function* ({ file, tolerances }) {
  const basis = basisOf(file);
  for (const { name, block: className, args, x, keys } of metadataJson<BlockCase[]>(file, 'cases')) {
    const block = args.kernel_size === undefined ? blockNamed(className) : convolution(className, args);
    if (!block) throw new Error(`${name}: no block is called "${className}"`);
    const inChannels = args.in_channels ?? args.chan_in ?? x[1]!;
    const spec = block.spec(inChannels, args.out_channels ?? args.chan_out ?? inChannels);
    const stored = new Map(storedParams(spec).map((param) => [param.path, param]));
    const params = mapSpec(spec, (leaf, path) => {
      const weight = stored.get(path.join('.'))!;
      const values = goldenWeight(`${name}.${weight.name}`, weight.shape, basis);
      return tensor(fromStored(values, leaf), [...leaf.shape], 'float32');
    }) as ParamTree;
    yield { name: `${name} names and shapes`, error: nameErrors([...stored.values()], keys), tolerance: 0 };
    const clip = goldenClip(`${name}.x`, x, basis);
    const y = block.run(params, clip, { groups: 32, spatialUpsample: 'trilinear' });
    yield { name, error: await distance(y, file, `${name}.y`), tolerance: tolerances.moments };
    for (const one of [clip, y]) one.dispose();
    disposeParams(params);
  }
};

/** A bare convolution with the kernel, stride and padding of the case. */
function convolution(className: string, args: BlockCase['args']): Block {
  const kernelSize = triple(args.kernel_size!);
  const strides = triple(args.stride ?? 1);
  const padding = triple(args.padding ?? 0).slice(1);
  const border: Border = padding.some((rows) => rows > 0) ? 'around' : 'none';
  const spec = (inChannels: number, outChannels: number) =>
    className === 'Conv2d'
      ? conv2dSpec(inChannels, outChannels, [kernelSize[1], kernelSize[2]])
      : causalConv3dSpec(inChannels, outChannels, kernelSize);
  const used: Triple = className === 'Conv2d' ? [1, strides[1], strides[2]] : strides;
  return { spec, run: (params, x) => causalConv3d(params as CausalConv3dParams, x, { strides: used, border }) };
}

function triple(size: Size): [number, number, number] {
  if (typeof size === 'number') return [size, size, size];
  return [size.at(-3) ?? 1, size.at(-2)!, size.at(-1)!];
}

/** How many weights of the file the block names or shapes otherwise. */
function nameErrors(stored: readonly { name: string; shape: readonly number[] }[], keys: BlockCase['keys']): number {
  const ours = new Map(stored.map(({ name, shape }) => [name, String(shape)]));
  const wrong = Object.entries(keys).filter(([name, shape]) => ours.get(name) !== String(shape));
  return wrong.length + Math.abs(ours.size - Object.keys(keys).length);
}
