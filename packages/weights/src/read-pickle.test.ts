import { CheckpointError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { pickle } from '../fixtures/build-torch-archive.ts';
import type { PickleNames } from './pickle-machine.ts';
import { PickleGlobal, type PickleValue } from './pickle-value.ts';
import { readPickle } from './read-pickle.ts';

/** The same value, pickled by Python 3 in every protocol. */
const BY_PROTOCOL = [
  'KGRwMApWbnVtYmVycwpwMQoobHAyCkkwCmFJMQphSS0xCmFJMjU1CmFJMjU2CmFJNjU1MzUKYUk2NTUzNgphSS0yMTQ3NDgzNjQ4CmFMMTA5OTUxMTYyNzc3NkwKYUwtMTE4MDU5MTYyMDcxNzQxMTMwMzQyNEwKYUYxLjUKYUZpbmYKYXNWdHJ1dGgKcDMKKGxwNApJMDEKYUkwMAphTmFzVnRleHQKcDUKKGxwNgpWcGxhaW4KcDcKYVbpCnA4CmFWCnA5CmFzVnR1cGxlcwpwMTAKKGxwMTEKKHRhKEkxCnRwMTIKYShJMQpJMgp0cDEzCmEoSTEKSTIKSTMKdHAxNAphKEkxCkkyCkkzCkk0CnRwMTUKYXNWbmVzdGVkCnAxNgooZHAxNwpWYQpwMTgKKGRwMTkKVmIKcDIwCihscDIxCnNzc1ZzaGFyZWQKcDIyCihscDIzCihscDI0Ckk3CmFhZzI0CmFzLg==',
  'fXEAKFgHAAAAbnVtYmVyc3EBXXECKEsASwFK/////0v/TQABTf//SgAAAQBKAAAAgEwxMDk5NTExNjI3Nzc2TApMLTExODA1OTE2MjA3MTc0MTEzMDM0MjRMCkc/+AAAAAAAAEd/8AAAAAAAAGVYBQAAAHRydXRocQNdcQQoSTAxCkkwMApOZVgEAAAAdGV4dHEFXXEGKFgFAAAAcGxhaW5xB1gCAAAAw6lxCFgAAAAAcQllWAYAAAB0dXBsZXNxCl1xCygpKEsBdHEMKEsBSwJ0cQ0oSwFLAksDdHEOKEsBSwJLA0sEdHEPZVgGAAAAbmVzdGVkcRB9cRFYAQAAAGFxEn1xE1gBAAAAYnEUXXEVc3NYBgAAAHNoYXJlZHEWXXEXKF1xGEsHYWgYZXUu',
  'gAJ9cQAoWAcAAABudW1iZXJzcQFdcQIoSwBLAUr/////S/9NAAFN//9KAAABAEoAAACAigYAAAAAAAGKCQAAAAAAAAAAwEc/+AAAAAAAAEd/8AAAAAAAAGVYBQAAAHRydXRocQNdcQQoiIlOZVgEAAAAdGV4dHEFXXEGKFgFAAAAcGxhaW5xB1gCAAAAw6lxCFgAAAAAcQllWAYAAAB0dXBsZXNxCl1xCygpSwGFcQxLAUsChnENSwFLAksDh3EOKEsBSwJLA0sEdHEPZVgGAAAAbmVzdGVkcRB9cRFYAQAAAGFxEn1xE1gBAAAAYnEUXXEVc3NYBgAAAHNoYXJlZHEWXXEXKF1xGEsHYWgYZXUu',
  'gAN9cQAoWAcAAABudW1iZXJzcQFdcQIoSwBLAUr/////S/9NAAFN//9KAAABAEoAAACAigYAAAAAAAGKCQAAAAAAAAAAwEc/+AAAAAAAAEd/8AAAAAAAAGVYBQAAAHRydXRocQNdcQQoiIlOZVgEAAAAdGV4dHEFXXEGKFgFAAAAcGxhaW5xB1gCAAAAw6lxCFgAAAAAcQllWAYAAAB0dXBsZXNxCl1xCygpSwGFcQxLAUsChnENSwFLAksDh3EOKEsBSwJLA0sEdHEPZVgGAAAAbmVzdGVkcRB9cRFYAQAAAGFxEn1xE1gBAAAAYnEUXXEVc3NYBgAAAHNoYXJlZHEWXXEXKF1xGEsHYWgYZXUu',
  'gASV1QAAAAAAAAB9lCiMB251bWJlcnOUXZQoSwBLAUr/////S/9NAAFN//9KAAABAEoAAACAigYAAAAAAAGKCQAAAAAAAAAAwEc/+AAAAAAAAEd/8AAAAAAAAGWMBXRydXRolF2UKIiJTmWMBHRleHSUXZQojAVwbGFpbpSMAsOplIwAlGWMBnR1cGxlc5RdlCgpSwGFlEsBSwKGlEsBSwJLA4eUKEsBSwJLA0sEdJRljAZuZXN0ZWSUfZSMAWGUfZSMAWKUXZRzc4wGc2hhcmVklF2UKF2USwdhaBhldS4=',
  'gAWV1QAAAAAAAAB9lCiMB251bWJlcnOUXZQoSwBLAUr/////S/9NAAFN//9KAAABAEoAAACAigYAAAAAAAGKCQAAAAAAAAAAwEc/+AAAAAAAAEd/8AAAAAAAAGWMBXRydXRolF2UKIiJTmWMBHRleHSUXZQojAVwbGFpbpSMAsOplIwAlGWMBnR1cGxlc5RdlCgpSwGFlEsBSwKGlEsBSwJLA4eUKEsBSwJLA0sEdJRljAZuZXN0ZWSUfZSMAWGUfZSMAWKUXZRzc4wGc2hhcmVklF2UKF2USwdhaBhldS4=',
];

/** `[{1, 2}, frozenset([3]), b'\x00\xff', bytearray(b'\x01')]` in protocol 5. */
const SETS_AND_BYTES = 'gAWVIgAAAAAAAABdlCiPlChLAUsCkChLA5GUQwIA/5SWAQAAAAAAAAABlGUu';

const REFUSE_ALL: PickleNames = {
  global: (module, name) => {
    throw new CheckpointError(`no ${module}.${name}`);
  },
  persistent: () => {
    throw new CheckpointError('no persistent ids');
  },
};

function read(bytes: Uint8Array | string, names = REFUSE_ALL): PickleValue {
  return readPickle(typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : bytes, names);
}

describe('readPickle', () => {
  it.each(BY_PROTOCOL.map((base64, protocol) => ({ base64, protocol })))(
    'reads what Python wrote in protocol $protocol',
    ({ base64 }) => {
      const value = read(base64) as Map<string, PickleValue>;
      const shared = [7];
      expect(value).toEqual(
        new Map<string, PickleValue>([
          [
            'numbers',
            [0, 1, -1, 255, 256, 65535, 65536, -(2 ** 31), 2 ** 40, -(2n ** 70n), 1.5, Number.POSITIVE_INFINITY],
          ],
          ['truth', [true, false, null]],
          ['text', ['plain', 'é', '']],
          ['tuples', [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]],
          ['nested', new Map([['a', new Map([['b', []]])]])],
          ['shared', [shared, shared]],
        ]),
      );
      const [left, right] = value.get('shared') as PickleValue[];
      expect(left).toBe(right);
    },
  );

  it('reads sets and bytes', () => {
    const [set, frozen, bytes, array] = read(SETS_AND_BYTES) as [Set<number>, Set<number>, Uint8Array, Uint8Array];
    expect([[...set], [...frozen]]).toEqual([[1, 2], [3]]);
    expect([[...bytes], [...array]]).toEqual([[0, 255], [1]]);
  });

  it('calls what the names give, whatever opcode makes the call', () => {
    const names: PickleNames = {
      ...REFUSE_ALL,
      global: (module, name) => new PickleGlobal(name, (args) => [`${module}.${name}`, ...args]),
    };
    const expected = ['m.f', 1, 2];
    expect(read(pickle('cm\nf\n', [0x4b, 1, 0x4b, 2, 0x86], 'R.'), names)).toEqual(expected);
    expect(read(pickle([0x8c, 1], 'm', [0x8c, 1], 'f', [0x93, 0x4b, 1, 0x4b, 2, 0x86, 0x81], '.'), names)).toEqual(
      expected,
    );
    expect(read(pickle('cm\nf\n', [0x4b, 1, 0x4b, 2, 0x86], '}', [0x92], '.'), names)).toEqual(expected);
    expect(read(pickle('(', [0x4b, 1, 0x4b, 2], 'im\nf\n.'), names)).toEqual(expected);
    expect(read(pickle('(cm\nf\n', [0x4b, 1, 0x4b, 2], 'o.'), names)).toEqual(expected);
  });

  it('keeps a key named __proto__ a key', () => {
    const value = read(pickle('}', [0x8c, 9], '__proto__', 'N', 's.'));
    expect(value).toEqual(new Map([['__proto__', null]]));
    expect(Object.getPrototypeOf(value)).toBe(Map.prototype);
  });

  it.each<[string, Uint8Array, string]>([
    ['a global that is not allowed', pickle('cos\nsystem\n.'), 'no os.system'],
    ['the same in protocol 4', pickle([0x8c, 2], 'os', [0x8c, 6], 'system', [0x93], '.'), 'no os.system'],
    ['the same as an old instance', pickle('(ios\nsystem\n.'), 'no os.system'],
    ['a persistent id', pickle('Pabc\n.'), 'no persistent ids'],
    ['a call of plain data', pickle(']', ')', 'R.'), 'calls what is no function'],
    ['a call without arguments', pickle('N', 'N', 'R.'), 'calls what is no function'],
    ['state for plain data', pickle(']', 'N', 'b.'), 'sets the state of what has none'],
    ['a name that is no text', pickle('NN', [0x93], '.'), 'names a global with what is no text'],
    ['an extension code', pickle([0x82, 1], '.'), 'opcode 0x82, which is not supported'],
    ['a buffer beside it', pickle([0x97], '.'), 'opcode 0x97, which is not supported'],
    ['protocol 6', pickle([0x80, 6], 'N.'), 'has protocol 6 and at most 5 is read'],
    ['an empty file', new Uint8Array(0), 'The pickle is cut short: 1 bytes are needed at 0, but it ends at 0.'],
    [
      'a text that is cut short',
      pickle([0x58, 255, 255, 255, 255], 'ab'),
      '4294967295 bytes are needed at 5, but it ends at 7',
    ],
    ['a length beyond all memory', pickle([0x8e, 255, 255, 255, 255, 255, 255, 255, 255]), 'cut short'],
    ['a line without an end', pickle('I12'), 'a line at 1 does not end'],
    ['an integer that is none', pickle('Iabc\n.'), 'an integer that is not decimal'],
    ['a huge integer', pickle([0x8b, 0, 0, 0, 1], '.'), '16777216 bytes, but at most 1024'],
    ['text that is no UTF-8', pickle([0x8c, 1, 0xff], '.'), 'not valid UTF-8'],
    ['an empty stack', pickle('.'), 'must end with one value, but ends with 0'],
    ['two values', pickle('NN.'), 'must end with one value, but ends with 2'],
    ['a mark that is not open', pickle('t.'), 'closes a mark that is not open'],
    ['a mark that stays open', pickle('(N.'), 'must end with one value'],
    ['a value that was never kept', pickle([0x68, 3], '.'), 'recalls what it never kept'],
    ['too many marks', pickle('('.repeat(10_001)), 'nests deeper than 10000 levels'],
    ['an append to a number', pickle([0x4b, 1], 'Na.'), 'appends to what is no list'],
    ['an item of a list', pickle(']NNs.'), 'sets an item of what is no dict'],
    ['a member of a list', pickle('](N', [0x90], '.'), 'adds to what is no set'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(CheckpointError);
    expect(() => read(bytes)).toThrow(message);
  });

  it('ends with a value or a CheckpointError for any damage', () => {
    const original = Buffer.from(BY_PROTOCOL[4]!, 'base64');
    let damaged = 0;
    for (let index = 0; index < original.length; index++) {
      for (const change of [0x01, 0x10, 0x80, 0xff]) {
        const bytes = Uint8Array.from(original);
        bytes[index]! ^= change;
        try {
          readPickle(bytes, REFUSE_ALL);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
          damaged += 1;
        }
      }
    }
    expect(damaged).toBeGreaterThan(100);
  });
});
