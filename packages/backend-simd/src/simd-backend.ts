import { environment, sizeOf } from '@od-vae/core/base';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { type DataId, engine, type TensorInfo } from '@tensorflow/tfjs-core';

import { assertSimd, chooseKernels, type Kernels } from './choose-kernels.ts';
import type { Block } from './code/gemm.ts';
import type { DeferredScale } from './deferred-scale.ts';
import { Garbage } from './garbage.ts';
import { type PackedWeights, packWeights, unpackWeights } from './pack-weights.ts';
import { CAN_SHARE, sharedFloats } from './shared-floats.ts';
import { choosePrecision, type Precision } from './tasks/choose-convolution.ts';
import { TensorMemory } from './tensor-memory.ts';
import { threadCount } from './thread-count.ts';
import { ThreadPool } from './threads/thread-pool.ts';
import type { Level } from './wasm/vectors.ts';
import { WatchedData } from './watched-data.ts';

type StoredValues = ReturnType<MathBackendCPU['data']['get']>;

/** Options of {@link SimdBackend}. */
export interface SimdBackendOptions {
  /** Threads that compute, the calling one included; `OD_VAE_THREADS`, else one for each core. */
  threads?: number | undefined;
  /** `OD_VAE_SIMD`, else the quickest that the engine has. */
  level?: Level | undefined;
  /** `OD_VAE_PRECISION`, else `fast`. */
  precision?: Precision | undefined;
}

/**
 * TensorFlow.js on the CPU with generated WebAssembly kernels where it matters; every other op is the stock cpu backend's.
 *
 * Tensors are typed arrays outside WebAssembly's memory, shared with the workers where sharing is allowed. What stock kernels
 * and callers are given of them is a copy.
 */
export class SimdBackend extends MathBackendCPU {
  /** Whether convolutions may be transformed. */
  precision: Precision;
  /** Where the tensors of our kernels lie. */
  readonly arena = new TensorMemory();
  override data = new WatchedData<StoredValues>(this, engine(), (dataId, data) => this.#show(dataId, data));
  readonly #packed = new WeakMap<DataId, PackedWeights>();
  readonly #deferred = new WeakMap<DataId, DeferredScale>();
  readonly #wantedLevel: string | undefined;
  readonly #threads: number;
  #kernels: Kernels | undefined;
  #pool: ThreadPool | undefined;
  readonly #garbage = new Garbage(() => this.pool.collectGarbage());

  /** @throws ConfigError when an option or its environment variable has no meaning, BackendError when the engine lacks SIMD. */
  constructor({ threads, level, precision }: SimdBackendOptions = {}) {
    super();
    // The stock backend greets Node users on its first write.
    (this as unknown as { firstUse: boolean }).firstUse = false;
    this.precision = choosePrecision(precision ?? environment('OD_VAE_PRECISION'));
    this.#wantedLevel = level ?? environment('OD_VAE_SIMD');
    this.#threads = threadCount(threads);
    assertSimd(this.#wantedLevel);
  }

  /** Instruction set of the kernels. */
  get level(): Level {
    return this.#chosen.level;
  }

  /** Block of the output that the microkernel keeps in registers. */
  get block(): Block {
    return this.#chosen.block;
  }

  /** The threads, started by the first kernel. */
  get pool(): ThreadPool {
    this.#pool ??= new ThreadPool({ threads: this.#threads, kernels: this.#chosen });
    return this.#pool;
  }

  /** Chosen by the first kernel, because it sets flags of V8 for the whole process. */
  get #chosen(): Kernels {
    this.#kernels ??= chooseKernels(this.#wantedLevel);
    return this.#kernels;
  }

  /** Values of a float32 tensor in memory that all threads see; moved there once. */
  sharedValues(tensor: TensorInfo): Float32Array {
    const values = this.plainValues(tensor);
    if (!CAN_SHARE || values.buffer instanceof SharedArrayBuffer) return values;
    const shared = this.arena.take(values.length);
    shared.set(values);
    this.data.peek(tensor.dataId).values = shared;
    return shared;
  }

  /** Values of a float32 tensor for the calling thread alone, which keeps no view of them. */
  plainValues({ dataId }: TensorInfo): Float32Array {
    const data = this.data.peek(dataId);
    this.#complete(dataId, data);
    return data.values as Float32Array;
  }

  /**
   * A kernel in the order in which it is read; made once, freed with the kernel.
   *
   * Outside of training the packed weights replace the others, which come back when somebody reads them.
   */
  packedWeights({ dataId, shape }: TensorInfo): Float32Array {
    const known = this.#packed.get(dataId);
    if (known && known.shape.join() === shape.join()) return known.values;
    const data = this.data.peek(dataId);
    this.#complete(dataId, data);
    const isTraining = engine().state.gradientDepth > 0;
    // Weights that change with each step take memory that was used before; those that stay would cut it into pieces.
    const take = isTraining ? (count: number) => this.arena.take(count) : sharedFloats;
    const packed = packWeights(data.values as Float32Array, shape, this.block.columns, take);
    if (known) this.arena.give(known.values);
    this.#packed.set(dataId, packed);
    if (!isTraining) {
      this.arena.give(data.values as Float32Array);
      (data as { values?: unknown }).values = undefined;
      this.#garbage.add(packed.values.byteLength);
    }
    return packed.values;
  }

  /** A tensor that is computed when somebody reads it, unless a convolution reads its source instead. */
  defer(deferred: DeferredScale): TensorInfo {
    this.incRef(deferred.source.dataId);
    const info = this.makeTensorInfo(deferred.source.shape, 'float32');
    this.#deferred.set(info.dataId, deferred);
    return info;
  }

  /** What a tensor will be computed from, if it is not yet. */
  deferredScale({ dataId }: TensorInfo): DeferredScale | undefined {
    return this.#deferred.get(dataId);
  }

  /** Gives data its values where they are kept in another form. */
  #complete(dataId: DataId, data: StoredValues): void {
    if (data.values) return;
    const packed = this.#packed.get(dataId);
    if (packed) data.values = unpackWeights(packed, this.block.columns);
    const deferred = this.#deferred.get(dataId);
    if (!deferred) return;
    const x = this.sharedValues(deferred.source);
    const y = this.arena.take(x.length);
    const { layout } = deferred.scale;
    this.pool.run('scaleChannels', { ...deferred.scale, x, y }, layout.batch * layout.chunks);
    data.values = y;
    this.#release(dataId, deferred);
  }

  #release(dataId: DataId, { source }: DeferredScale): void {
    this.#deferred.delete(dataId);
    if (this.disposeData(source.dataId)) engine().removeDataId(source.dataId, this);
  }

  /** Puts values into memory that nobody uses again. */
  #show(dataId: DataId, data: StoredValues): void {
    this.#complete(dataId, data);
    const values = data.values as Float32Array;
    if (!this.arena.holds(values)) return;
    data.values = values.slice();
    this.arena.give(values);
  }

  /** A fresh tensor whose values all threads see; a kernel writes each of them. */
  output(shape: number[]): { info: TensorInfo; values: Float32Array } {
    const values = this.arena.take(sizeOf(shape));
    return { info: this.makeTensorInfo(shape, 'float32', values), values };
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const data = this.data.peek(dataId);
    data.refCount -= 1;
    if (!force && data.refCount > 0) return false;
    for (const part of Object.values(data.complexTensorInfos ?? {})) this.disposeData(part.dataId, true);
    const packed = this.#packed.get(dataId);
    if (packed && !this.arena.holds(packed.values)) this.#garbage.add(packed.values.byteLength);
    if (packed) this.arena.give(packed.values);
    const deferred = this.#deferred.get(dataId);
    if (deferred) this.#release(dataId, deferred);
    this.arena.give(data.values as Float32Array);
    this.data.delete(dataId);
    return true;
  }

  override refCount(dataId: DataId): number {
    return this.data.has(dataId) ? this.data.peek(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.data.peek(dataId).refCount += 1;
  }

  override decRef(dataId: DataId): void {
    if (this.data.has(dataId)) this.data.peek(dataId).refCount -= 1;
  }

  override dispose(): void {
    void this.#pool?.close();
  }
}
