import { dispose, tensor, type Tensor, type Tensor1D, type Tensor5D } from '@tensorflow/tfjs-core';

import { uniformSource } from './random.ts';
import { sizeOf } from './size-of.ts';

/** How a weight lies in a PyTorch file: as it is, or as a convolution kernel with its channels first. */
export type StoredLayout = 'plain' | 'conv2d' | 'conv3d';

/** What is known of one weight before it exists: shape, first values, and how PyTorch's file holds it. */
export interface ParamSpec<T extends Tensor = Tensor> {
  readonly kind: 'param';
  /** The shape in code; a convolution kernel is `[time, height, width, in, out]`. */
  readonly shape: readonly number[];
  readonly init: (shape: number[], random: () => number) => Float32Array;
  readonly layout: StoredLayout;
  /** Name inside its PyTorch module, such as `conv.weight`. */
  readonly storedName: string;
  /** Carries the tensor's type; never set. */
  readonly type?: T;
}

/** A nested object (or array) of weight specs; the path of a spec in the tree is the weight's name. */
export type SpecTree = ParamSpec | { readonly [name: string]: SpecTree | undefined } | readonly SpecTree[];

/** The weights that a spec describes: the same tree with a tensor at every leaf. */
export type ParamsOf<Spec> =
  Spec extends ParamSpec<infer T>
    ? T
    : Spec extends readonly (infer Item)[]
      ? ParamsOf<Item>[]
      : { [Name in keyof Spec]: ParamsOf<Spec[Name]> };

/** A weight tree whose exact type is not known. */
export type ParamTree = Tensor | { readonly [name: string]: ParamTree | undefined } | readonly ParamTree[];

/** Fills `length` values; `random` is uniform in [0, 1). */
export type Fill = (length: number, random: () => number) => Float32Array;

const ZEROS: Fill = (length) => new Float32Array(length);
const ONES: Fill = (length) => new Float32Array(length).fill(1);

/** Values drawn evenly from [-bound, bound), PyTorch's default for convolutions with `bound = 1 / sqrt(fanIn)`. */
export function uniform(bound: number): Fill {
  return (length, random) => Float32Array.from({ length }, () => (2 * random() - 1) * bound);
}

/** One fixed value everywhere. */
export function constant(value: number): Fill {
  return (length) => new Float32Array(length).fill(value);
}

/** Spec of one weight; without `fill` it starts at zero. */
export function param<T extends Tensor>(
  shape: readonly number[],
  storedName: string,
  { fill = ZEROS, layout = 'plain' }: { fill?: Fill; layout?: StoredLayout } = {},
): ParamSpec<T> {
  return {
    kind: 'param',
    shape,
    storedName,
    layout,
    init: (dimensions, random) => fill(sizeOf(dimensions), random),
  };
}

/** The scale of a norm: ones. */
export function scaleParam(channels: number, storedName = 'weight'): ParamSpec<Tensor1D> {
  return param<Tensor1D>([channels], storedName, { fill: ONES });
}

/** A bias: zeros, unless `fill` says otherwise. */
export function biasParam(channels: number, storedName = 'bias', fill: Fill = ZEROS): ParamSpec<Tensor1D> {
  return param<Tensor1D>([channels], storedName, { fill });
}

/** A convolution kernel `[time, height, width, in, out]`, uniform within `1 / sqrt(fanIn)` as PyTorch draws it. */
export function kernelParam(
  shape: readonly [number, number, number, number, number],
  storedName: string,
  layout: 'conv2d' | 'conv3d',
): ParamSpec<Tensor5D> {
  const [time, height, width, inChannels] = shape;
  return param<Tensor5D>(shape, storedName, {
    layout,
    fill: uniform(1 / Math.sqrt(time * height * width * inChannels)),
  });
}

function isParamSpec(tree: SpecTree): tree is ParamSpec {
  return 'kind' in tree && tree.kind === 'param' && 'init' in tree;
}

/** Every weight of a spec with its path, in the order in which the tree was written. */
export function* paramLeaves(
  spec: SpecTree,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; spec: ParamSpec }> {
  if (isParamSpec(spec)) {
    yield { path, spec };
    return;
  }
  for (const [name, child] of Object.entries(spec) as [string, SpecTree | undefined][]) {
    if (child) yield* paramLeaves(child, [...path, name]);
  }
}

/** Number of values in a spec's weights; nothing is allocated. */
export function countParams(spec: SpecTree): number {
  let count = 0;
  for (const leaf of paramLeaves(spec)) count += sizeOf(leaf.spec.shape);
  return count;
}

/** The tree of a spec with `make(leaf, path)` in place of every weight. */
export function mapSpec<Spec extends SpecTree>(
  spec: Spec,
  make: (leaf: ParamSpec, path: readonly string[]) => Tensor,
): ParamsOf<Spec> {
  const walk = (tree: SpecTree, path: readonly string[]): ParamTree => {
    if (isParamSpec(tree)) return make(tree, path);
    if (Array.isArray(tree)) return tree.map((child: SpecTree, index) => walk(child, [...path, String(index)]));
    const children = Object.entries(tree) as [string, SpecTree | undefined][];
    return Object.fromEntries(
      children.flatMap(([name, child]) => (child ? [[name, walk(child, [...path, name])]] : [])),
    );
  };
  return walk(spec, []) as ParamsOf<Spec>;
}

/** Fresh weights with their spec's first values; the same `seed` gives the same weights on every machine. */
export function initParams<Spec extends SpecTree>(spec: Spec, { seed = 0 }: { seed?: number } = {}): ParamsOf<Spec> {
  const random = uniformSource(seed);
  return mapSpec(spec, ({ shape, init }) => tensor(init([...shape], random), [...shape], 'float32'));
}

/** Every tensor of a weight tree, in the order in which the tree was written. */
export function paramTensors(params: ParamTree): Tensor[] {
  if (isTensor(params)) return [params];
  return Object.values(params as Record<string, ParamTree | undefined>).flatMap((child) =>
    child === undefined ? [] : paramTensors(child),
  );
}

/** The same tree with `make(tensor, path)` in place of every tensor. */
export function mapParams<Params extends ParamTree>(
  params: Params,
  make: (tensor: Tensor, path: readonly string[]) => Tensor,
): Params {
  const walk = (tree: ParamTree, path: readonly string[]): ParamTree => {
    if (isTensor(tree)) return make(tree, path);
    if (Array.isArray(tree)) return tree.map((child: ParamTree, index) => walk(child, [...path, String(index)]));
    const children = Object.entries(tree) as [string, ParamTree | undefined][];
    return Object.fromEntries(children.map(([name, child]) => [name, child && walk(child, [...path, name])]));
  };
  return walk(params, []) as Params;
}

function isTensor(tree: ParamTree): tree is Tensor {
  return 'dataId' in tree;
}

/** Frees every tensor of a weight tree. */
export function disposeParams(params: ParamTree): void {
  dispose(params as Parameters<typeof dispose>[0]);
}
