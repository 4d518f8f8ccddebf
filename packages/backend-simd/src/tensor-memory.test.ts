import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TensorMemory } from './tensor-memory.ts';

/** 1024 floats, the least that a block is cut for. */
const UNIT = 1024;

/** Where an array begins in its block, in floats. */
const place = (array: Float32Array) => array.byteOffset / 4;

describe('TensorMemory', () => {
  it('never gives two arrays that overlap, and is whole again when all are given back', () => {
    const step = fc.record({ take: fc.boolean(), count: fc.integer({ min: 1, max: 40 * UNIT }), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const memory = new TensorMemory(256 * 4096);
        const held: { array: Float32Array; mark: number }[] = [];
        for (const [mark, { take, count, which }] of steps.entries()) {
          if (take) held.push({ array: memory.take(count).fill(mark), mark });
          else if (held.length > 0) memory.give(held.splice(which % held.length, 1)[0]!.array);
          for (const { array, mark: expected } of held) {
            expect(array[0]).toBe(expected);
            expect(array.at(-1)).toBe(expected);
          }
        }
        for (const { array } of held) memory.give(array);
        expect(memory.used).toBe(0);
        const whole = memory.take(256 * UNIT);
        expect(place(whole)).toBe(0);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it('takes the lowest place that fits', () => {
    const memory = new TensorMemory();
    const [a, b, c] = [memory.take(4 * UNIT), memory.take(4 * UNIT), memory.take(4 * UNIT)];
    expect([a, b, c].map((array) => place(array) / UNIT)).toEqual([0, 4, 8]);
    memory.give(a);
    memory.give(b);
    expect(place(memory.take(6 * UNIT))).toBe(0);
    expect(place(memory.take(4 * UNIT)) / UNIT).toBe(12);
    expect(place(memory.take(2 * UNIT)) / UNIT).toBe(6);
  });

  it('counts what is in use, and the most that ever was', () => {
    const memory = new TensorMemory();
    const arrays = [memory.take(4 * UNIT), memory.take(4 * UNIT)];
    for (const array of arrays) memory.give(array);
    memory.take(2 * UNIT);
    expect([memory.used, memory.most]).toEqual([2 * UNIT * 4, 8 * UNIT * 4]);
  });

  it('adds a block for what does not fit, as large as it must be', () => {
    const memory = new TensorMemory(16 * 4096);
    const first = memory.take(16 * UNIT);
    const large = memory.take(100 * UNIT);
    expect(large.buffer).not.toBe(first.buffer);
    expect(large.buffer.byteLength).toBe(100 * UNIT * 4);
    memory.give(first);
    expect(memory.take(16 * UNIT).buffer).toBe(first.buffer);
  });

  it('leaves small arrays on their own, and takes no array back that is not from here, nor one twice', () => {
    const memory = new TensorMemory();
    const small = memory.take(8);
    expect(small.buffer.byteLength).toBe(32);
    const array = memory.take(4 * UNIT);
    for (const other of [small, new Float32Array(4 * UNIT), array, array]) memory.give(other);
    expect(memory.used).toBe(0);
    expect(place(memory.take(4 * UNIT))).toBe(0);
    expect(place(memory.take(4 * UNIT)) / UNIT).toBe(4);
  });
});
