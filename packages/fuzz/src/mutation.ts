import * as fc from 'fast-check';

/** One change to the bytes of a file; places are fractions, so that a mutation fits a file of any length. */
export type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly value: number }
  | {
      readonly kind: 'number';
      readonly at: number;
      readonly width: 1 | 2 | 4 | 8;
      readonly value: bigint;
      readonly big: boolean;
    }
  | { readonly kind: 'digits'; readonly at: number; readonly text: string }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: 'move'; readonly at: number; readonly to: number; readonly length: number }
  | { readonly kind: 'cut'; readonly at: number };

/** Numbers at which sizes, counts and offsets break. */
const EDGES = [0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn];
const WIDE_EDGES = [...EDGES, 2n ** 40n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 1n];

/** What takes the place of a number or word in a text. */
const WORDS = [
  '0',
  '-1',
  '1',
  '2',
  '7',
  '65535',
  '65536',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '1e400',
  '1e9',
  '0.5',
  '-0',
  'NaN',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '0x10',
  '01',
  '1:0',
  '0:0',
  '\u0000',
  'F16',
  'BF16',
  'I64',
  'F64',
];

/** Evenly spread; fast-check's own fractions crowd around zero. */
const place = fc.noBias(fc.nat(2 ** 30 - 1)).map((step) => step / 2 ** 30);

/** One change; small ones are the likeliest. */
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set' as const), at: place, value: fc.nat(255) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('number' as const),
      at: place,
      width: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
      value: fc.constantFrom(...WIDE_EDGES),
      big: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('digits' as const), at: place, text: fc.constantFrom(...WORDS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      at: place,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('repeat' as const),
      at: place,
      length: fc.integer({ min: 1, max: 64 }),
      times: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      at: place,
      to: place,
      length: fc.integer({ min: 1, max: 64 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: place }) },
);

/** One change most often, or up to four; fast-check shrinks them to the fewest that still fail. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(mutation) },
  { weight: 2, arbitrary: fc.array(mutation, { minLength: 2, maxLength: 4 }) },
);
