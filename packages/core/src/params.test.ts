import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { memory, type Tensor, type Tensor1D, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import {
  biasParam,
  constant,
  countParams,
  disposeParams,
  initParams,
  kernelParam,
  mapParams,
  mapSpec,
  param,
  paramLeaves,
  paramTensors,
  scaleParam,
  uniform,
} from './params.ts';

useBackend('cpu');
useLeakGuard();

/** A tree with every shape that trees have: nesting, a list, an empty part and a part that is absent. */
function treeSpec({ shortcut = false } = {}) {
  return {
    conv: { weight: kernelParam([3, 3, 3, 4, 8], 'conv.weight', 'conv3d'), bias: biasParam(8, 'conv.bias') },
    norms: [{ scale: scaleParam(8) }, { scale: scaleParam(4) }],
    sampler: {},
    shortcut: shortcut ? { bias: biasParam(2) } : undefined,
    mix: param<Tensor1D>([1], 'mix_factor', { fill: constant(2) }),
  };
}

const NAMES = ['conv.weight', 'conv.bias', 'norms.0.scale', 'norms.1.scale', 'mix'];

describe('paramLeaves', () => {
  it('walks the tree in the order in which it was written', () => {
    expect([...paramLeaves(treeSpec())].map(({ path }) => path.join('.'))).toEqual(NAMES);
  });

  it('includes an optional part when it is there', () => {
    const names = [...paramLeaves(treeSpec({ shortcut: true }))].map(({ path }) => path.join('.'));
    expect(names).toEqual([...NAMES.slice(0, 4), 'shortcut.bias', 'mix']);
  });

  it('takes a part that is called "kind" for a part', () => {
    expect([...paramLeaves({ kind: biasParam(1) })].map(({ path }) => path)).toEqual([['kind']]);
  });
});

describe('countParams', () => {
  it('adds up the sizes and allocates nothing', () => {
    const before = memory().numTensors;
    expect(countParams(treeSpec())).toBe(27 * 4 * 8 + 8 + 8 + 4 + 1);
    expect(countParams({ huge: kernelParam([3, 3, 3, 65_536, 65_536], 'weight', 'conv3d') })).toBe(27 * 2 ** 32);
    expect(memory().numTensors).toBe(before);
  });
});

describe('initParams', () => {
  it('gives the tree of the spec with the shapes and first values of its weights', () => {
    const params = initParams(treeSpec());
    expect(params.conv.weight.shape).toEqual([3, 3, 3, 4, 8]);
    expect([...params.conv.bias.dataSync()]).toEqual(Array(8).fill(0));
    expect(params.norms.map(({ scale }) => [...scale.dataSync()])).toEqual([Array(8).fill(1), Array(4).fill(1)]);
    expect([...params.mix.dataSync()]).toEqual([2]);
    expect(params.shortcut).toBeUndefined();
    disposeParams(params);
  });

  it('draws kernels evenly within one over the root of their fan-in, as PyTorch does', () => {
    const params = initParams({ weight: kernelParam([3, 3, 3, 16, 32], 'weight', 'conv3d') }, { seed: 3 });
    const values = [...params.weight.dataSync()];
    const bound = 1 / Math.sqrt(27 * 16);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.max(...values)).toBeLessThanOrEqual(bound);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-bound);
    expect(Math.max(...values)).toBeGreaterThan(0.99 * bound);
    expect(Math.abs(mean)).toBeLessThan(0.02 * bound);
    expect(variance / (bound * bound)).toBeCloseTo(1 / 3, 1);
    disposeParams(params);
  });

  it('repeats itself for a seed and differs for another', () => {
    const draw = (seed?: number) => {
      const params = initParams(treeSpec(), seed === undefined ? {} : { seed });
      const values = [...params.conv.weight.dataSync()];
      disposeParams(params);
      return values;
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw()).toEqual(draw(0));
    expect(draw(7)).not.toEqual(draw(8));
  });
});

describe('mapSpec', () => {
  it('asks for each leaf once, with its path', () => {
    const seen: string[] = [];
    mapSpec(treeSpec(), (_, path) => {
      seen.push(path.join('.'));
      return {} as Tensor;
    });
    expect(seen).toEqual(NAMES);
  });
});

describe('mapParams', () => {
  it('gives the same tree with another tensor at every path', () => {
    const params = initParams(treeSpec());
    const seen: string[] = [];
    const copy = mapParams(params, (weight, path) => {
      seen.push(path.join('.'));
      return weight.clone();
    });
    expect(seen).toEqual(NAMES);
    expect(copy.conv.weight.shape).toEqual(params.conv.weight.shape);
    expect(copy.shortcut).toBeUndefined();
    expect(Array.isArray(copy.norms)).toBe(true);
    for (const tree of [params, copy]) disposeParams(tree);
  });
});

describe('paramTensors', () => {
  it('lists the tensors of a tree in its order', () => {
    const params = initParams(treeSpec());
    expect(paramTensors(params).map(({ shape }) => shape)).toEqual(
      [...paramLeaves(treeSpec())].map(({ spec }) => spec.shape),
    );
    expect(paramTensors(params)[0]).toBe(params.conv.weight);
    disposeParams(params);
  });
});

describe('disposeParams', () => {
  it('frees every tensor of the tree', () => {
    const before = memory().numTensors;
    const params = initParams(treeSpec({ shortcut: true }));
    expect(memory().numTensors).toBe(before + 6);
    disposeParams(params);
    expect(memory().numTensors).toBe(before);
  });
});

describe('param', () => {
  it('keeps how the file holds the weight', () => {
    const spec = kernelParam([1, 3, 3, 2, 4], 'weight', 'conv2d');
    expect(spec).toMatchObject({ shape: [1, 3, 3, 2, 4], storedName: 'weight', layout: 'conv2d' });
    expect(param<Tensor5D>([2, 2], 'plain')).toMatchObject({ layout: 'plain', storedName: 'plain' });
  });

  it('starts at zero unless it is told how', () => {
    const random = () => 0.75;
    expect(param([2], 'a').init([2], random)).toEqual(new Float32Array(2));
    expect(param([2], 'a', { fill: uniform(2) }).init([2], random)).toEqual(new Float32Array([1, 1]));
    expect(biasParam(2, 'bias', constant(5)).init([2], random)).toEqual(new Float32Array([5, 5]));
  });
});
