import { CheckpointError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { blobSource } from './byte-source.ts';
import { encodeSafetensors } from './encode-safetensors.ts';
import { readSafetensors } from './read-safetensors.ts';

const bytesOf = (...values: number[]) => ({ bytes: async () => Uint8Array.from(values) });

describe('readSafetensors', () => {
  it('reads a part of a tensor alone, and never beyond its ends', async () => {
    const file = await encodeSafetensors([
      { name: 'a', dtype: 'U8', shape: [4], ...bytesOf(1, 2, 3, 4) },
      { name: 'b', dtype: 'U8', shape: [3], ...bytesOf(5, 6, 7) },
    ]);
    const { tensors } = await readSafetensors(blobSource(new Blob([file]), 'x.safetensors'));
    expect([...(await tensors.get('a')!.range!(1, 3))]).toEqual([2, 3]);
    expect([...(await tensors.get('b')!.range!(0, 3))]).toEqual([5, 6, 7]);
    expect([...(await tensors.get('b')!.range!(3, 3))]).toEqual([]);
    for (const [begin, end] of [
      [2, 5],
      [-1, 2],
      [3, 2],
    ] as const) {
      await expect(tensors.get('a')!.range!(begin, end)).rejects.toThrow(CheckpointError);
    }
  });
});
