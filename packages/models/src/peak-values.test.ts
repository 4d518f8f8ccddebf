import { describe, expect, it } from 'vitest';

import { parseConfig } from './config.ts';
import { peakValues } from './peak-values.ts';
import { releases, variants } from './presets.ts';

const config = parseConfig(variants[4]);

describe('peakValues', () => {
  it('is three clips of 128 channels in the encoder, whose outer blocks are the largest', () => {
    const { activations } = peakValues(config, 'encode', { time: 9, height: 64, width: 32 });
    expect(activations).toBe(9 * 64 * 32 * (3 + 3 * 128));
  });

  it('is a clip of 256 and two of 128 channels in the decoder', () => {
    const { activations } = peakValues(config, 'decode', { time: 3, height: 8, width: 4 });
    expect(activations).toBe(9 * 64 * 32 * (256 + 2 * 128) + 3 * 8 * 4 * 4);
  });

  it('knows the largest clip: what the first blocks of the encoder make, and the last up-sampler of the decoder', () => {
    expect(peakValues(config, 'encode', { time: 9, height: 64, width: 32 }).largest).toBe(9 * 64 * 32 * 128);
    expect(peakValues(config, 'decode', { time: 3, height: 8, width: 4 }).largest).toBe(9 * 64 * 32 * 256);
  });

  it.each(['encode', 'decode'] as const)('grows with frames and pixels (%s)', (direction) => {
    for (const official of [...Object.values(variants), ...Object.values(releases)]) {
      const at = (time: number, height: number) =>
        peakValues(parseConfig(official), direction, { time, height, width: 64 });
      expect(at(9, 64).activations).toBeGreaterThan(at(5, 64).activations);
      expect(at(9, 128).activations).toBeGreaterThan(1.9 * at(9, 64).activations);
    }
  });

  it('knows the table of scores of the innermost attention', () => {
    expect(peakValues(config, 'encode', { time: 9, height: 64, width: 32 }).scores).toBe((8 * 4) ** 2);
    expect(peakValues(config, 'decode', { time: 3, height: 8, width: 4 }).scores).toBe((8 * 4) ** 2);
  });
});
