import '@tensorflow/tfjs-layers';
import { onBackend, useLeakGuard } from '@od-vae/test-utils';
import { engine, grad, mirrorPad, slice, type Tensor, tensor, zeros } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

import { describeWebgpu, noise } from '../../fixtures/webgpu.ts';

type Paddings = [number, number][];

/** What `PadV2` makes of noise, on the backend in use. */
async function padded(shape: number[], paddings: Paddings, constantValue: number) {
  const x = tensor(noise('x', shape).values, shape);
  const y = engine().runKernel('PadV2', { x }, { paddings, constantValue }) as Tensor;
  const values = [...(await y.data())];
  const made = y.shape;
  for (const one of [x, y]) one.dispose();
  return { shape: made, values };
}

describeWebgpu('PadV2', () => {
  useLeakGuard();

  it.each<[string, number[], Paddings]>([
    ['nothing', [1, 2, 3, 2, 3], Array.from({ length: 5 }, () => [0, 0])],
    [
      'the last of five axes',
      [1, 2, 3, 2, 3],
      [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
        [2, 1],
      ],
    ],
    [
      'the first',
      [2, 2, 3, 2, 3],
      [
        [1, 0],
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'some in the middle',
      [1, 2, 3, 2, 3],
      [
        [0, 0],
        [2, 0],
        [0, 0],
        [1, 1],
        [0, 0],
      ],
    ],
    [
      'all five',
      [1, 2, 3, 2, 2],
      [
        [1, 0],
        [0, 1],
        [2, 1],
        [1, 1],
        [1, 3],
      ],
    ],
    [
      'all six',
      [1, 2, 1, 2, 2, 2],
      [
        [1, 0],
        [0, 1],
        [2, 1],
        [1, 1],
        [1, 1],
        [1, 0],
      ],
    ],
    [
      'two axes',
      [3, 2],
      [
        [1, 0],
        [0, 2],
      ],
    ],
  ])('pads %s', async (_, shape, paddings) => {
    for (const constant of [0, 1.5]) {
      const expected = await onBackend('cpu', () => padded(shape, paddings, constant));
      expect(await padded(shape, paddings, constant)).toEqual(expected);
    }
  });

  it.each(['reflect', 'symmetric'] as const)('mirrors the edges of the images of a clip: %s', async (mode) => {
    const mirrored = async () => {
      const x = tensor(noise('x', [1, 2, 3, 4, 2]).values, [1, 2, 3, 4, 2]);
      const y = mirrorPad(
        x,
        [
          [0, 0],
          [0, 0],
          [1, 2],
          [2, 1],
          [0, 0],
        ],
        mode,
      );
      const values = [...(await y.data())];
      for (const one of [x, y]) one.dispose();
      return values;
    };
    expect(await mirrored()).toEqual(await onBackend('cpu', mirrored));
  });

  it('is the gradient of a slice of a clip', async () => {
    const x = zeros([1, 2, 2, 2, 4]);
    const dx = grad((one: Tensor) => slice(one, [0, 0, 0, 0, 0], [1, 2, 2, 2, 2]))(x);
    expect([...(await dx.data())].slice(0, 8)).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
    for (const one of [x, dx]) one.dispose();
  });
});
