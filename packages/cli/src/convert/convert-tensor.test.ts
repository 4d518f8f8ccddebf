import { float32FromBytes, type WritableTensor } from '@od-vae/weights';
import { describe, expect, it } from 'vitest';

import { convertTensor } from './convert-tensor.ts';

function tensorOf(values: readonly number[]): WritableTensor {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return { name: 'weight', dtype: 'F32', shape: [values.length], bytes: async () => bytes };
}

describe('convertTensor', () => {
  it('keeps what float16 can hold, infinity included', async () => {
    const values = [0.5, -65_504, Infinity];
    const half = convertTensor(tensorOf(values), 'F16');
    expect(half).toMatchObject({ dtype: 'F16', shape: [3] });
    expect([...float32FromBytes(await half.bytes(), 'F16')]).toEqual(values);
  });

  it('refuses a value that would become infinite', async () => {
    await expect(convertTensor(tensorOf([1, -70_000]), 'F16').bytes()).rejects.toThrow(
      '"weight" has a value of -70000, but F16 ends at 65504; bf16 and f32 can hold it.',
    );
    await expect(convertTensor(tensorOf([1, -70_000]), 'BF16').bytes()).resolves.toHaveLength(4);
  });

  it('leaves integers and the type that is there alone', () => {
    const floats = tensorOf([1]);
    const integers: WritableTensor = { ...floats, dtype: 'I32' };
    expect(convertTensor(floats, 'F32')).toBe(floats);
    expect(convertTensor(floats, undefined)).toBe(floats);
    expect(convertTensor(integers, 'F16')).toBe(integers);
  });
});
