import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { channelPart, packWeights, unpackWeights } from './pack-weights.ts';

const kernels = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.constantFrom(1, 3),
  fc.constantFrom(1, 3),
  fc.constantFrom(1, 3, 8, 20, 144, 300),
  fc.integer({ min: 1, max: 40 }),
);

const counted = (shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, index) => index + 1);

const pack = (shape: readonly number[], columns: number) =>
  packWeights(counted(shape), shape, columns, (count) => new Float32Array(count).fill(-1));

describe('packWeights', () => {
  it('puts each weight behind its panel, part and tap, and zeros where a panel has no channel', () => {
    fc.assert(
      fc.property(kernels, fc.constantFrom(4, 16), (shape, columns) => {
        const { values } = pack(shape, columns);
        const [time, height, width, channels, outChannels] = shape;
        const [taps, together] = [time * height * width, channelPart(channels)];
        const expected: number[] = [];
        for (let panel = 0; panel < Math.ceil(outChannels / columns); panel++) {
          for (let first = 0; first < channels; first += together) {
            for (let tap = 0; tap < taps; tap++) {
              for (let line = 0; line < together * columns; line++) {
                const channel = first + Math.floor(line / columns);
                const out = panel * columns + (line % columns);
                expected.push(out < outChannels ? (tap * channels + channel) * outChannels + out + 1 : 0);
              }
            }
          }
        }
        expect(values).toEqual(Float32Array.from(expected));
      }),
      { numRuns: 40 },
    );
  });

  it('loses nothing: unpacked again, a kernel is what it was', () => {
    fc.assert(
      fc.property(kernels, fc.constantFrom(4, 8, 12, 16), (shape, columns) => {
        expect(unpackWeights(pack(shape, columns), columns)).toEqual(counted(shape));
      }),
      { numRuns: 40 },
    );
  });
});
