import '@od-vae/layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise, type Values } from '../../fixtures/values.ts';
import { copies } from './copies.ts';

useBackend('cpu');
useLeakGuard();
const expectStock = useAllBackends();

const kernelOf = (name: string) => copies.find(({ kernelName }) => kernelName === name)!;
const same = (name: string, inputs: Record<string, Values>, attrs: object) =>
  expectStock(kernelOf(name), inputs, attrs, Number.MIN_VALUE);

const shapes = fc.array(fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(40)), { minLength: 1, maxLength: 4 });
const runs = { numRuns: 40 };

describe('Slice', () => {
  it('cuts any box', () => {
    const boxes = shapes.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        ...shape.map((length) =>
          fc
            .integer({ min: 0, max: length - 1 })
            .chain((begin) => fc.tuple(fc.constant(begin), fc.integer({ min: 1, max: length - begin }))),
        ),
      ),
    );
    fc.assert(
      fc.property(boxes, ([shape, ...cuts]) => {
        const ranges = cuts as [number, number][];
        same(
          'Slice',
          { x: noise('x', shape) },
          { begin: ranges.map(([begin]) => begin), size: ranges.map(([, size]) => size) },
        );
      }),
      runs,
    );
  });

  it('takes -1 for all that is left, and a box of nothing', () => {
    same('Slice', { x: noise('x', [3, 5]) }, { begin: [1, 2], size: [-1, -1] });
    same('Slice', { x: noise('x', [3, 5]) }, { begin: [1, 2], size: [0, 3] });
  });
});

describe('SplitV', () => {
  it.each([
    [2, -1],
    [[1, 5], -1],
    [3, 0],
    [[2, -1], 1],
  ])('cuts into %j along axis %i', (numOrSizeSplits, axis) => {
    same('SplitV', { x: noise('x', [3, 40, 6]) }, { numOrSizeSplits, axis });
  });
});

describe('Concat', () => {
  it('joins along any axis', () => {
    fc.assert(
      fc.property(
        shapes,
        fc.nat(3),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
        (...drawn) => {
          const [shape, place, lengths] = drawn;
          const axis = place % shape.length;
          const parts = lengths.map((length, index) => [`${index}`, noise(`${index}`, shape.with(axis, length))]);
          same('Concat', Object.fromEntries(parts) as Record<string, Values>, { axis });
        },
      ),
      runs,
    );
  });
});

describe('PadV2', () => {
  it('surrounds with a constant', () => {
    const padded = shapes.chain((shape) =>
      fc.tuple(fc.constant(shape), ...shape.map(() => fc.tuple(fc.nat(3), fc.nat(3)))),
    );
    fc.assert(
      fc.property(padded, fc.constantFrom(0, -1.5), ([shape, ...paddings], constantValue) => {
        same('PadV2', { x: noise('x', shape) }, { paddings, constantValue });
      }),
      runs,
    );
  });
});

describe('Transpose', () => {
  it('orders axes in any way', () => {
    const orders = shapes.chain((shape) =>
      fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
    );
    fc.assert(
      fc.property(orders, ([shape, perm]) => same('Transpose', { x: noise('x', shape) }, { perm })),
      runs,
    );
  });

  it('takes more numbers than one job', () => {
    same('Transpose', { x: noise('x', [3, 301, 203]) }, { perm: [1, 0, 2] });
    same('Transpose', { x: noise('x', [3, 301, 203]) }, { perm: [2, 1, 0] });
  });
});
