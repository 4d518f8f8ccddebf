import { BackendError } from '@od-vae/core';

interface WasmModule {
  _malloc(bytes: number): number;
}

const guarded = new WeakSet<WasmModule>();

/**
 * Makes tfjs's wasm backend say when its heap is full.
 *
 * The heap ends at 4 GiB. Beyond it `malloc` gives address 0, which tfjs (4.22) does not check: it writes the tensor over
 * whatever lies there, and results are wrong without an error.
 */
export function guardWasmMemory(backend: unknown): void {
  const { wasm } = backend as { wasm?: WasmModule };
  if (!wasm || guarded.has(wasm)) return;
  guarded.add(wasm);
  const allocate = wasm._malloc.bind(wasm);
  wasm._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address === 0 && bytes > 0) {
      throw new BackendError(
        `wasm: ${Math.ceil(bytes / 2 ** 20)} MiB were needed, but its memory of at most 4 GiB is full; use fewer frames ` +
          `a tile (tileFrames), a smaller picture, or another backend.`,
      );
    }
    return address;
  };
}
