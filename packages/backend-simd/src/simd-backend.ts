import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';

import { chooseLevel, compileKernels } from './compile.ts';
import { packWeights } from './pack-weights.ts';
import { asSharedFloats, sharedFloats } from './shared-floats.ts';
import { environment, threadCount } from './thread-count.ts';
import { ThreadPool } from './threads/thread-pool.ts';
import type { Level } from './wasm/vectors.ts';

/** Options of {@link SimdBackend}. */
export interface SimdBackendOptions {
  /** Threads that compute, the calling one included; `OD_VAE_THREADS`, else one for each core. */
  threads?: number | undefined;
  /** `OD_VAE_SIMD`, else the quickest that the engine accepts. */
  level?: Level | undefined;
}

/**
 * TensorFlow.js on the CPU with generated WebAssembly kernels where it matters; every other op is the stock cpu backend's.
 *
 * Tensors are typed arrays outside WebAssembly's memory, shared with the workers where sharing is allowed.
 */
export class SimdBackend extends MathBackendCPU {
  /** How products are added: in one rounding (`relaxed`) or in two (`plain`). */
  readonly level: Level;
  readonly pool: ThreadPool;
  readonly #packed = new WeakMap<DataId, Float32Array>();

  constructor({ threads, level }: SimdBackendOptions = {}) {
    super();
    // The stock backend greets Node users on its first write.
    (this as unknown as { firstUse: boolean }).firstUse = false;
    this.level = chooseLevel(level ?? environment('OD_VAE_SIMD'));
    this.pool = new ThreadPool({ threads: threadCount(threads), module: compileKernels(this.level) });
  }

  /** Values of a float32 tensor in memory that all threads see; moved there once. */
  sharedValues({ dataId }: TensorInfo): Float32Array {
    const data = this.data.get(dataId);
    const shared = asSharedFloats(data.values as Float32Array);
    data.values = shared;
    return shared;
  }

  /** A kernel in the order in which it is read; made once, freed with the kernel. */
  packedWeights(weight: TensorInfo): Float32Array {
    const known = this.#packed.get(weight.dataId);
    if (known) return known;
    const packed = packWeights(this.data.get(weight.dataId).values as Float32Array, weight.shape);
    this.#packed.set(weight.dataId, packed);
    return packed;
  }

  /** A fresh tensor of zeros whose values all threads see. */
  output(shape: number[]): { info: TensorInfo; values: Float32Array } {
    const values = sharedFloats(shape.reduce((size, length) => size * length, 1));
    return { info: this.makeTensorInfo(shape, 'float32', values), values };
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const gone = super.disposeData(dataId, force);
    if (gone) this.#packed.delete(dataId);
    return gone;
  }

  override dispose(): void {
    void this.pool.close();
  }
}
