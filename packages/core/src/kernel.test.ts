import '@tensorflow/tfjs-layers';
import { scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import {
  add,
  customGrad,
  engine,
  getKernel,
  grad,
  type GradSaveFunc,
  grads,
  memory,
  mul,
  type NamedTensorMap,
  registerKernel,
  square,
  sum,
  type Tensor,
  tensor1d,
  type Tensor1D,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';

import { defineKernel, fusableKernels, gradientKernelsOf, referenceOf, withOpenTape } from './kernel.ts';

useBackend('cpu');
useLeakGuard();

/** `scale * a² + b`, whose gradient is `2 * scale * a` and 1. */
const scaledSquare = defineKernel(
  'TestScaledSquare',
  ['a', 'b'],
  ({ a, b }: { a: Tensor1D; b: Tensor1D }, { scale }: { scale: number }): Tensor1D => add(mul(square(a), scale), b),
);

interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): Tensor;
}

let fusedRuns = 0;

/** Registers a fused kernel that adds 1000 to what the reference gives, so that a test sees who ran. */
function registerFused(): void {
  registerKernel({
    kernelName: 'TestScaledSquare',
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs, backend }) => {
      fusedRuns += 1;
      const { a, b } = inputs as NamedTensorMap;
      const [x, y] = [a, b].map((tensor) => engine().backend.readSync(tensor!.dataId) as Float32Array);
      const values = x!.map((value, index) => (attrs!['scale'] as number) * value * value + y![index]! + 1000);
      return (backend as unknown as CpuBackend).makeTensorInfo(a!.shape, 'float32', values);
    },
  });
}

afterEach(() => {
  if (getKernel('TestScaledSquare', 'cpu')) unregisterKernel('TestScaledSquare', 'cpu');
  fusedRuns = 0;
});

const pair = () => ({ a: tensor1d([1, 2, 3]), b: tensor1d([10, 20, 30]) });
const numbers = (x: Tensor | undefined): number[] => [...x!.dataSync()];
const gradientsOf = (scale: number) =>
  grads((x: Tensor, y: Tensor) => scaledSquare({ a: x as Tensor1D, b: y as Tensor1D }, { scale }));

describe('defineKernel', () => {
  it(
    'runs the reference where the backend has no kernel of the name',
    scoped(() => {
      expect(numbers(scaledSquare(pair(), { scale: 2 }))).toEqual([12, 28, 48]);
      expect(fusedRuns).toBe(0);
    }),
  );

  it(
    'runs the kernel that the active backend has registered',
    scoped(() => {
      registerFused();
      expect(numbers(scaledSquare(pair(), { scale: 2 }))).toEqual([1012, 1028, 1048]);
      expect(fusedRuns).toBe(1);
    }),
  );

  it.each([
    ['differentiates the reference where there is no kernel', 0],
    ['recomputes the reference for the gradient of a fused kernel', 1],
  ])('%s', (_, runs) => {
    scoped(() => {
      if (runs > 0) registerFused();
      const { a, b } = pair();
      const [da, db] = gradientsOf(2)([a, b]);
      expect(numbers(da)).toEqual([4, 8, 12]);
      expect(numbers(db)).toEqual([1, 1, 1]);
      expect(fusedRuns).toBe(runs);
    })();
  });

  it(
    'lets an outer gradient pass through two fused kernels in a row',
    scoped(() => {
      registerFused();
      const none = tensor1d([0, 0, 0]);
      // The kernel gives s(x) = x² + 1000, so the chain rule asks for 2 s(x) * 2 x.
      const once = (x: Tensor1D) => scaledSquare({ a: x, b: none }, { scale: 1 });
      const gradient = grad((x: Tensor) => sum(mul(once(once(x as Tensor1D)), 3)))(tensor1d([1, 2, 3]));
      expect(numbers(gradient)).toEqual([1, 2, 3].map((x) => 3 * 2 * (x * x + 1000) * 2 * x));
      expect(fusedRuns).toBe(2);
    }),
  );

  it('leaves nothing behind but its output', () => {
    const inputs = pair();
    const before = memory().numTensors;
    const output = scaledSquare(inputs, { scale: 1 });
    expect(memory().numTensors).toBe(before + 1);
    for (const tensor of [output, inputs.a, inputs.b]) tensor.dispose();
  });
});

describe('the gradient kernels of an op', () => {
  const product = defineKernel(
    'TestProduct',
    ['a', 'b', 'c'],
    ({ a, b, c }: { a: Tensor1D; b: Tensor1D; c: Tensor1D }, _attrs: Record<string, never>): Tensor1D =>
      mul(mul(a, b), c),
    { TestProductGradA: ['a'], TestProductGradOthers: ['b', 'c'] },
  );
  const ran: string[] = [];
  afterEach(() => {
    ran.length = 0;
    for (const name of Object.keys(gradientKernelsOf('TestProduct')!)) {
      if (getKernel(name, 'cpu')) unregisterKernel(name, 'cpu');
    }
  });

  /** Registers a kernel that gives so many gradients, 100 times the gradient of the output. */
  function registerGradientKernel(kernelName: string, count: number): void {
    registerKernel({
      kernelName,
      backendName: 'cpu',
      kernelFunc: ({ inputs, backend }) => {
        ran.push(`${kernelName} of ${Object.keys(inputs).join()}`);
        const { dy } = inputs as NamedTensorMap;
        const values = (engine().backend.readSync(dy!.dataId) as Float32Array).map((value) => 100 * value);
        const results = Array.from({ length: count }, () =>
          (backend as unknown as CpuBackend).makeTensorInfo(dy!.shape, 'float32', values),
        );
        return count === 1 ? results[0]! : results;
      },
    });
  }

  /** Makes the op itself a kernel, without which its reference is what is differentiated. */
  function fuse(): void {
    registerKernel({
      kernelName: 'TestProduct',
      backendName: 'cpu',
      kernelFunc: ({ inputs, backend }) => {
        const [a, b, c] = ['a', 'b', 'c'].map(
          (name) => engine().backend.readSync(inputs[name]!.dataId) as Float32Array,
        );
        const values = a!.map((value, index) => value * b![index]! * c![index]!);
        return (backend as unknown as CpuBackend).makeTensorInfo(inputs['a']!.shape, 'float32', values);
      },
    });
  }
  afterEach(() => {
    if (getKernel('TestProduct', 'cpu')) unregisterKernel('TestProduct', 'cpu');
  });

  const three = () => [tensor1d([1, 2]), tensor1d([3, 4]), tensor1d([5, 6])];
  const run = (...tensors: Tensor[]) => {
    const [a, b, c] = tensors as Tensor1D[];
    return product({ a: a!, b: b!, c: c! }, {});
  };

  it(
    'run where the backend has all of them, each once',
    scoped(() => {
      fuse();
      registerGradientKernel('TestProductGradA', 1);
      registerGradientKernel('TestProductGradOthers', 2);
      const gradients = grads(run)(three(), tensor1d([1, 2]));
      expect(gradients.map(numbers)).toEqual([
        [100, 200],
        [100, 200],
        [100, 200],
      ]);
      expect(ran.toSorted()).toEqual(['TestProductGradA of a,b,c,dy', 'TestProductGradOthers of a,b,c,dy']);
    }),
  );

  it(
    'of one input run only where its gradient is asked for',
    scoped(() => {
      fuse();
      registerGradientKernel('TestProductGradA', 1);
      registerGradientKernel('TestProductGradOthers', 2);
      const [a, b, c] = three();
      grad((x: Tensor) => run(a!, x, c!))(b!);
      expect(ran).toEqual(['TestProductGradOthers of a,b,c,dy']);
    }),
  );

  it(
    'do not run where the backend lacks one',
    scoped(() => {
      fuse();
      registerGradientKernel('TestProductGradA', 1);
      expect(grads(run)(three(), tensor1d([1, 2])).map(numbers)).toEqual([
        [15, 48],
        [5, 24],
        [3, 16],
      ]);
      expect(ran).toEqual([]);
    }),
  );
});

describe('referenceOf', () => {
  it(
    'gives the stock-op definition of a name, whatever is registered',
    scoped(() => {
      registerFused();
      const reference = referenceOf('TestScaledSquare')!;
      expect(numbers(reference(pair(), { scale: 2 }))).toEqual([12, 28, 48]);
      expect(fusedRuns).toBe(0);
    }),
  );

  it('gives undefined for a name that nobody defined', () => {
    expect(referenceOf('NoSuchOp')).toBeUndefined();
  });
});

describe('gradientKernelsOf', () => {
  it('gives the names, and the inputs whose gradients each gives', () => {
    expect(gradientKernelsOf('TestProduct')).toEqual({ TestProductGradA: ['a'], TestProductGradOthers: ['b', 'c'] });
    expect(gradientKernelsOf('TestScaledSquare')).toEqual({});
    expect(gradientKernelsOf('NoSuchOp')).toBeUndefined();
  });
});

describe('fusableKernels', () => {
  it('lists the names that were defined, sorted', () => {
    defineKernel('TestEarlier', ['a'], ({ a }: { a: Tensor1D }) => square(a));
    expect(fusableKernels()).toEqual(['TestEarlier', 'TestProduct', 'TestScaledSquare']);
  });
});

describe('withOpenTape', () => {
  const cubeByHand = customGrad((...inputs) => {
    const x = inputs[0] as Tensor;
    const slope = withOpenTape(() => grad((y: Tensor) => mul(square(y), y))(x));
    (inputs[1] as GradSaveFunc)([slope]);
    return { value: mul(square(x), x), gradFunc: (dy: Tensor, [saved]: Tensor[]) => mul(dy, saved!) };
  });

  it(
    'lets a custom op differentiate while it computes',
    scoped(() => {
      const gradient = grad((x: Tensor) => sum(mul(cubeByHand(x), x)))(tensor1d([1, 2]));
      expect(numbers(gradient)).toEqual([4, 32]);
    }),
  );

  it('restores the outer tape, also when the body throws', () => {
    const outer = () => {
      const { activeTape, gradientDepth, kernelDepth } = engine().state;
      return { activeTape, gradientDepth, kernelDepth };
    };
    const before = outer();
    const fail = () => {
      throw new Error('inside');
    };
    expect(() => withOpenTape(fail)).toThrow('inside');
    expect(outer()).toEqual(before);
  });
});
