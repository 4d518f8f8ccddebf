import { describe, expect, it } from 'vitest';

import { duplicateKey } from './duplicate-key.ts';

describe('duplicateKey', () => {
  it.each([
    ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}', undefined],
    ['{"a":"b","b":"a","c":":{"}', undefined],
    ['{"a":1,"b":2,"a":3}', 'a'],
    ['{"x":{"y":[1,{"z":1,"z":2}]}}', 'z'],
    [String.raw`{"a":1,"\u0061":2}`, 'a'],
    [String.raw`{"q\"":1,"q\"":2}`, 'q"'],
    ['{"a":{},"b":1,"a":2}', 'a'],
  ])('finds in %s: %s', (json, expected) => {
    JSON.parse(json);
    expect(duplicateKey(json)).toBe(expected);
  });
});
