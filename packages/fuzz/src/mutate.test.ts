import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mutate } from './mutate.ts';
import { mutations } from './mutation.ts';
import { inputAt } from './run-case.ts';

const file = Uint8Array.from({ length: 200 }, (_, index) => index);
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

describe('mutate', () => {
  it('leaves the file itself as it was', () => {
    const before = file.slice();
    fc.assert(
      fc.property(mutations, (changes) => {
        mutate(file, changes, [0, 50]);
        expect(file).toEqual(before);
      }),
      { seed: 1 },
    );
  });

  it('changes what it is told to', () => {
    expect(mutate(file, [{ kind: 'set', at: 0, value: 9 }])[0]).toBe(9);
    expect(mutate(file, [{ kind: 'cut', at: 0.35 }])).toHaveLength(100);
    expect(mutate(file, [{ kind: 'number', at: 0, width: 4, value: 258n, big: true }]).subarray(0, 4)).toEqual(
      Uint8Array.of(0, 0, 1, 2),
    );
    const json = new TextEncoder().encode('{"width": 16, "height": 8}');
    expect(text(mutate(json, [{ kind: 'digits', at: 0.25, text: '-1' }]))).toBe('{"width": -1, "height": 8}');
    expect(text(mutate(json, [{ kind: 'repeat', at: 0, length: 2, times: 2 }]))).toMatch(/^\{"\{"\{"width/);
  });

  it('falls into the part that describes the rest most of the time', () => {
    const changed = fc.sample(fc.noBias(fc.nat(1023)), { seed: 1, numRuns: 400 }).map((at) => {
      const other = mutate(file, [{ kind: 'flip', at: at / 1024, bit: 0 }], [100, 110]);
      return other.findIndex((byte, index) => byte !== file[index]);
    });
    expect(changed.filter((place) => place >= 100 && place < 110).length).toBeGreaterThan(250);
    expect(new Set(changed).size).toBeGreaterThan(60);
  });

  it('makes the same input of the same seed and index, and others of others', () => {
    expect(inputAt(mutations, 1, 5)).toEqual(inputAt(mutations, 1, 5));
    const many = new Set(
      Array.from({ length: 50 }, (_, index) =>
        JSON.stringify(inputAt(mutations, 1, index), (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        ),
      ),
    );
    expect(many.size).toBe(50);
  });
});
