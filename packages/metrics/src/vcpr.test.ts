import { ConfigError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { vcpr } from './vcpr.ts';

describe('vcpr', () => {
  it('is the number that the paper prints', () => {
    expect(vcpr([1, 8, 8])).toBe(64);
    expect(vcpr([4, 8, 8])).toBe(256);
  });

  it('refuses strides that are none', () => {
    expect(() => vcpr([])).toThrow(ConfigError);
    expect(() => vcpr([4, 0, 8])).toThrow('vcpr: strides must be whole numbers of at least 1, but are [4,0,8].');
  });
});

it.each([4, undefined, null])('refuses strides that are no array: %s', (strides) => {
  expect(() => vcpr(strides as unknown as number[])).toThrow(
    `vcpr: strides must be an array such as [4, 8, 8], but are ${strides}.`,
  );
});
