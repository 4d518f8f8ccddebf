import { describe, expect, it } from 'vitest';

import { defineKeyMap } from './key-map.ts';

describe('defineKeyMap', () => {
  const keys = defineKeyMap([
    ['up.~.block.#', 'up_blocks.~.resnets.#'],
    ['norm', 'group_norm'],
    ['norm', 'old_norm'],
  ]);

  it('reads a rule in both directions, turning levels around', () => {
    expect(keys.toRight('up.0.block.12.weight', 4)).toBe('up_blocks.3.resnets.12.weight');
    expect(keys.toLeft('up_blocks.3.resnets.12.weight', 4)).toBe('up.0.block.12.weight');
  });

  it('writes the first of two names and reads both', () => {
    expect(keys.toRight('norm.bias', 0)).toBe('group_norm.bias');
    expect(keys.toLeft('old_norm.bias', 0)).toBe('norm.bias');
  });

  it('matches whole parts of a path only', () => {
    expect(keys.toRight('norm2.bias', 0)).toBeUndefined();
    expect(keys.toRight('up.x.block.1', 4)).toBeUndefined();
    expect(keys.toRight('a.norm', 0)).toBeUndefined();
  });
});
