import { CheckpointError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { headerLength, parseSafetensorsHeader } from './safetensors-header.ts';

const parse = (header: unknown, dataBytes = 8): unknown =>
  parseSafetensorsHeader(
    new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header)),
    dataBytes,
    'x.safetensors',
  );

const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32'): unknown => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('parseSafetensorsHeader', () => {
  it('reads tensors in any order, empty ones and scalars too', () => {
    const header = { b: tensor(4, 8, []), a: tensor(0, 4), none: tensor(4, 4, [0, 3]), __metadata__: { format: 'pt' } };
    expect(parse(header)).toMatchObject({
      metadata: { format: 'pt' },
      entries: [{ name: 'b', begin: 4, shape: [] }, { name: 'a' }, { name: 'none', end: 4 }],
    });
  });

  it('allows the spaces that fill a header up', () => {
    expect(parse('{}      ', 0)).toEqual({ metadata: {}, entries: [] });
  });

  it.each<[string, unknown, string, number?]>([
    ['text that is no JSON', '{"a":', 'The header of x.safetensors is not valid JSON: Unexpected end of JSON input.'],
    [
      'text that is quoted in the reason',
      '{"a\nb"',
      'The header of x.safetensors is not valid JSON: Bad control character',
    ],
    [
      'a tensor without a type',
      { 'a\nb': { shape: [2], data_offsets: [0, 8] } },
      '"a b" of x.safetensors has no type such as F32.',
    ],
    ['an array', [], 'must be a JSON object'],
    ['a name twice', '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{}}', 'has "a" twice'],
    ['an empty name', { '': tensor(0, 8) }, "a tensor's name has 1 to 1024 characters, one has 0"],
    ['an unknown type', { a: tensor(0, 8, [2], 'Q4') }, '"a" of x.safetensors has the type Q4, which is not known.'],
    ['a type from the prototype', { a: tensor(0, 8, [2], 'toString') }, 'has the type toString'],
    [
      '33 dimensions',
      {
        a: tensor(
          0,
          4,
          Array.from({ length: 33 }, () => 1),
        ),
      },
      'at most 32 dimensions',
    ],
    ['a negative dimension', { a: tensor(0, 8, [-2]) }, 'needs a shape'],
    ['a dimension that is no integer', { a: tensor(0, 8, [0.5]) }, 'needs a shape'],
    [
      'a product that overflows',
      { a: tensor(0, 8, [2 ** 40, 2 ** 40]) },
      '[1099511627776,1099511627776] in F32, too many bytes',
    ],
    [
      'a size that does not fit',
      { a: tensor(0, 8, [3]) },
      '"a" of x.safetensors is [3] in F32, 12 bytes, but its offsets are 0 to 8.',
    ],
    ['three offsets', { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8, 8] } }, 'needs two data offsets'],
    [
      'offsets that run backwards',
      { a: { dtype: 'F32', shape: [0], data_offsets: [8, 8] }, b: tensor(8, 4, [1]) },
      'its offsets are 8 to 4',
    ],
    ['a hole', { a: tensor(4, 8) }, '"a" of x.safetensors begins at byte 4 of the data, but must begin at 0.'],
    [
      'an overlap',
      { a: tensor(0, 8), b: tensor(4, 8) },
      '"b" of x.safetensors begins at byte 4 of the data, but must begin at 8.',
    ],
    ['data that is not described', { a: tensor(0, 4) }, 'holds 8 bytes of data, but its header describes 4'],
    ['tensors beyond the data', { a: tensor(0, 12) }, 'holds 8 bytes of data, but its header describes 12'],
    ['metadata that is no text', { __metadata__: { a: 1 } }, 'must be an object of strings'],
  ])('refuses %s', (_, header, message) => {
    expect(() => parse(header)).toThrow(CheckpointError);
    expect(() => parse(header)).toThrow(message);
  });
});

describe('headerLength', () => {
  const head = (length: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(length).buffer);

  it('gives the number that opens a file', () => {
    expect(headerLength(head(16n), 24, 'x')).toBe(16);
  });

  it('refuses a header longer than the format allows, without reading it', () => {
    expect(() => headerLength(head(2n ** 63n), 24, 'x')).toThrow(
      'the header has 9223372036854775808 bytes, but at most 100000000',
    );
  });

  it('refuses a header longer than the file', () => {
    expect(() => headerLength(head(17n), 24, 'x')).toThrow('x is cut short: its header ends at 25, the file at 24.');
  });
});
