import { describe, expect, it } from 'vitest';

import { trainedWeights } from './trained-weights.ts';

const NAMES = [
  'encoder.conv_in.weight',
  'decoder.up.1.norm1.weight',
  'decoder.up.10.norm1.bias',
  'decoder.conv_out.bias',
];

describe('trainedWeights', () => {
  it.each([
    [undefined, [true, true, true, true]],
    [['decoder'], [false, true, true, true]],
    [['decoder.up.1'], [false, true, false, false]],
    [['decoder.*norm1'], [false, true, true, false]],
    [
      ['*.bias', 'encoder'],
      [true, false, true, true],
    ],
  ])('%j', (patterns, expected) => {
    expect(trainedWeights(NAMES, patterns)).toEqual(expected);
  });

  it.each([
    [['decoder', 'encode'], '"encode" names none'],
    [['decoder.conv.out'], '"decoder.conv.out" names none'],
    [[], 'none is named'],
  ])('refuses %j', (patterns, message) => {
    expect(() => trainedWeights(NAMES, patterns)).toThrow(
      `What is trained must name weights such as "decoder" or "decoder.conv_out.bias", but ${message}.`,
    );
  });
});
