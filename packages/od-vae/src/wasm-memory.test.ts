import { BackendError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { guardWasmMemory } from './wasm-memory.ts';

/** A module whose heap takes `capacity` bytes; beyond them malloc gives 0, as the real one does. */
function moduleOf(capacity: number) {
  let used = 8;
  return {
    calls: 0,
    _malloc(bytes: number): number {
      this.calls += 1;
      if (used + bytes > capacity) return 0;
      used += bytes;
      return used - bytes;
    },
  };
}

describe('guardWasmMemory', () => {
  it('says how much was needed when the heap is full, instead of writing over address 0', () => {
    const wasm = moduleOf(100);
    guardWasmMemory({ wasm });
    expect(wasm._malloc(40)).toBe(8);
    expect(() => wasm._malloc(3 * 2 ** 20)).toThrow(
      new BackendError(
        'wasm: 3 MiB were needed, but its memory of at most 4 GiB is full; use fewer frames a tile (tileFrames), a smaller picture, or another backend.',
      ),
    );
    expect(wasm._malloc(20)).toBe(48);
  });

  it('lets an empty tensor have address 0', () => {
    const wasm = { _malloc: () => 0 };
    guardWasmMemory({ wasm });
    expect(wasm._malloc()).toBe(0);
  });

  it('guards a module once', () => {
    const wasm = moduleOf(100);
    guardWasmMemory({ wasm });
    const guarded = wasm._malloc;
    guardWasmMemory({ wasm });
    expect(wasm._malloc).toBe(guarded);
  });

  it('leaves other backends alone', () => {
    expect(() => guardWasmMemory({})).not.toThrow();
  });
});
