import { getBackend, memory, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { onBackend, useBackend } from './backends.ts';
import { noiseClip } from './noise-clip.ts';
import { scoped } from './scoped.ts';

useBackend('cpu');

describe('onBackend', () => {
  it('runs on the other backend and comes back, also when it fails', async () => {
    expect(await onBackend('wasm', () => getBackend())).toBe('wasm');
    expect(getBackend()).toBe('cpu');
    const failing = onBackend('wasm', () => {
      throw new Error('inside');
    });
    await expect(failing).rejects.toThrow('inside');
    expect(getBackend()).toBe('cpu');
  });
});

describe('scoped', () => {
  it('frees what the body made, also when it fails', () => {
    const before = memory().numTensors;
    scoped(() => expect(tensor1d([1]).size).toBe(1))();
    const failing = scoped(() => {
      tensor1d([1]);
      throw new Error('inside');
    });
    expect(failing).toThrow('inside');
    expect(memory().numTensors).toBe(before);
  });
});

describe('noiseClip', () => {
  it(
    'depends on key and shape alone',
    scoped(() => {
      const values = (key: string) => [...noiseClip(key, [1, 1, 2, 2, 3]).dataSync()];
      expect(values('a')).toEqual(values('a'));
      expect(values('a')).not.toEqual(values('b'));
    }),
  );
});
