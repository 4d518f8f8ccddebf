import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { BackendError, environment, sizeOf } from '@od-vae/core/base';
import { engine, type TensorInfo } from '@tensorflow/tfjs-core';

import type { Deferred, DeferredScale } from './deferred.ts';
import { isSoftware, runsHalves, runsSubgroups } from './device-features.ts';
import { assertGroupsFit, assertTensorFits } from './device-limits.ts';
import type { TileDevice } from './programs/matrix-tile.ts';
import { type GpuProgram, sizeNames } from './gpu-program.ts';
import { Pipelines } from './pipelines.ts';
import { WIDENED_TOGETHER, widenProgram } from './programs/half.ts';
import { checkStorage, type ClipOutput, isStoredInHalf, type Storage, type StoredClip } from './storage.ts';

/** One run of a program: its tensors in the order of its bindings, the values of its sizes, and how many workgroups. */
export interface Dispatch {
  readonly reads: readonly TensorInfo[];
  readonly writes: readonly TensorInfo[];
  readonly sizes: Readonly<Record<string, number>>;
  /** Workgroups, and layers of as many each; one layer if there is no second number. */
  readonly groups: readonly [count: number, layers?: number];
}

/** What of tfjs's backend our own dispatches share with its own: they are recorded into the same pass, in order. */
interface Recording {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
}

/** Options of {@link WebgpuBackend}. */
export interface WebgpuBackendOptions {
  /** In how many bits clips between our own kernels are stored; in Node `OD_VAE_STORAGE`, else `f32`. */
  readonly storage?: Storage | undefined;
}

/** Dispatches that are recorded before they are handed to the device. */
const BATCH = 15;

/**
 * TensorFlow.js's `webgpu` backend that also runs programs of ours, and whose reads fail with what the device has reported:
 * TensorFlow.js itself computes on with zeros.
 */
export class WebgpuBackend extends WebGPUBackend {
  /** Programs dispatched so far, TensorFlow.js's own not included. */
  dispatches = 0;
  /** Whether programs may use subgroups. */
  readonly hasSubgroups: boolean;
  /** Whether `storage` may be `f16`. */
  readonly hasHalves: boolean;
  /** Whether software stands for a GPU. */
  readonly isSoftware: boolean;
  /** What blocks of a matrix product are chosen by. */
  readonly tileDevice: TileDevice;
  readonly #pipelines: Pipelines;
  readonly #deferred = new Map<object, Deferred>();
  #storage: Storage;
  #failure: string | undefined;
  #lost: string | undefined;
  /** How to end the reads that wait. */
  readonly #waiting = new Set<(error: BackendError) => void>();

  /** @throws BackendError when the device cannot store as asked */
  constructor(device: GPUDevice, { storage }: WebgpuBackendOptions = {}) {
    super(device, device.adapterInfo);
    this.#pipelines = new Pipelines(device);
    this.hasSubgroups = runsSubgroups(device);
    this.hasHalves = runsHalves(device);
    this.isSoftware = isSoftware(device);
    this.#storage = checkStorage(storage ?? environment('OD_VAE_STORAGE') ?? 'f32', this);
    const { limits } = device;
    this.tileDevice = { limits, enoughBlocks: this.isSoftware ? 2 : 32, fewThreads: this.isSoftware };
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.#failure ??= `the device reported: ${event.error.message}`;
    });
    void device.lost.then(({ reason, message }) => {
      this.#lost = `the device is lost: ${message || reason}`;
      for (const end of this.#waiting) end(new BackendError(`webgpu: ${this.#lost}`));
    });
  }

  /** Whether the device is lost: from then on every read fails, and only a new backend helps. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /**
   * In how many bits our kernels store the clips that they give to each other: `f16` halves their memory and what is read of
   * it, and costs digits (about three are left). Pixels, latents and all sums have 32.
   *
   * @throws BackendError when it is set to what the device cannot do
   */
  get storage(): Storage {
    return this.#storage;
  }

  set storage(storage: Storage) {
    this.#storage = checkStorage(storage, this);
  }

  /** A tensor of which nothing but its place is made; a program is to fill it. */
  output(caller: string, shape: readonly number[]): TensorInfo {
    assertTensorFits(caller, this.device.limits, shape);
    return this.makeTensorInfo([...shape], 'float32');
  }

  /** A clip `[..., channels]` that a program is to fill, stored as the backend stores clips unless it says how. */
  clipOutput(caller: string, shape: readonly number[], storage = this.storage): ClipOutput {
    if (storage === 'f32' || !isStoredInHalf(shape)) {
      const tensor = this.output(caller, shape);
      return { info: tensor, tensor, half: false };
    }
    const halves = this.output(caller, [sizeOf(shape) / 2]);
    const info = this.makeTensorInfo([...shape], 'float32');
    this.#deferred.set(info.dataId, { kind: 'half', halves, compute: (y) => this.#widen(halves, y) });
    return { info, tensor: halves, half: true };
  }

  /** How a clip is stored. */
  stored(tensor: TensorInfo): StoredClip {
    const deferred = this.#deferred.get(tensor.dataId);
    return deferred?.kind === 'half' ? { tensor: deferred.halves, half: true } : { tensor, half: false };
  }

  /** Clips that a program reads alike: in 16 bits where all of them are stored so, else in 32. */
  storedAlike(clips: readonly TensorInfo[]): { tensors: readonly TensorInfo[]; half: boolean } {
    const stored = clips.map((clip) => this.stored(clip));
    const half = stored.every((clip) => clip.half);
    return { tensors: half ? stored.map(({ tensor }) => tensor) : clips, half };
  }

  #widen(halves: TensorInfo, y: TensorInfo): void {
    const total = sizeOf(y.shape) / 4;
    const groups = [Math.ceil(total / WIDENED_TOGETHER)] as const;
    this.dispatch(widenProgram, { reads: [halves], writes: [y], sizes: { total }, groups });
  }

  /** A tensor that is computed when somebody reads it, unless that is a kernel which does so while it reads the source. */
  defer(deferred: DeferredScale): TensorInfo {
    this.incRef(deferred.source.dataId);
    const info = this.makeTensorInfo(deferred.source.shape, 'float32');
    this.#deferred.set(info.dataId, deferred);
    return info;
  }

  /** What a tensor will be computed from, if it is not yet. */
  deferredScale({ dataId }: TensorInfo): DeferredScale | undefined {
    const deferred = this.#deferred.get(dataId);
    return deferred?.kind === 'scale' ? deferred : undefined;
  }

  /**
   * Records a run of a program behind everything that was recorded before.
   *
   * @throws BackendError when the device is lost or a tensor does not fit into it.
   */
  dispatch(program: GpuProgram, { reads, writes, sizes, groups }: Dispatch): void {
    if (this.isLost) this.#assertSound();
    const tensors = [...reads, ...writes];
    const bindings = tensors.map((tensor) => this.#bufferOf(program, tensor));
    const [count, layers = 1] = groups;
    const spread = assertGroupsFit(program.name, this.device.limits, count, layers);
    const { pipeline, layout } = this.#pipelines.of(program);
    const uniforms = this.#uniformsOf(program, { groups: count, ...sizes });
    const bindGroup = this.device.createBindGroup({
      layout,
      entries: [...bindings, uniforms].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const recording = this as unknown as Recording;
    for (const { dataId } of tensors) recording.commandQueueOwnedIds.add(dataId);
    this.ensureCommandEncoderReady();
    const pass = (recording.computePassEncoder ??= recording.commandEncoder!.beginComputePass());
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...spread);
    this.dispatches += 1;
    recording.dispatchCountInPass += 1;
    if (recording.dispatchCountInPass < BATCH) return;
    this.endComputePassEncoder();
    this.submitQueue();
  }

  override uploadToGPU(dataId: object): void {
    const deferred = this.#deferred.get(dataId);
    if (deferred) {
      this.#deferred.delete(dataId);
      deferred.compute(this.#infoOf(dataId));
      this.#release(deferred);
    }
    super.uploadToGPU(dataId);
  }

  override disposeData(dataId: object, force = false): boolean {
    const disposed = super.disposeData(dataId, force);
    const deferred = disposed ? this.#deferred.get(dataId) : undefined;
    if (!deferred) return disposed;
    this.#deferred.delete(dataId);
    this.#release(deferred);
    return disposed;
  }

  #infoOf(dataId: object): TensorInfo {
    const { shape, dtype } = this.tensorMap.get(dataId);
    return { dataId, shape, dtype };
  }

  #release(deferred: Deferred): void {
    if (deferred.kind === 'half') {
      this.disposeData(deferred.halves.dataId);
      return;
    }
    const { source, scales } = deferred;
    this.disposeData(scales.dataId);
    if (this.disposeData(source.dataId)) engine().removeDataId(source.dataId, this);
  }

  override async read(dataId: object): ReturnType<WebGPUBackend['read']> {
    this.#assertSound();
    if (this.#deferred.has(dataId)) this.uploadToGPU(dataId);
    try {
      const values = await this.#untilLost(super.read(dataId));
      this.#assertSound();
      return values;
    } catch (error) {
      if (error instanceof BackendError) throw error;
      // A lost device refuses first and says later why.
      await new Promise((resolve) => setTimeout(resolve));
      this.#assertSound();
      throw new BackendError(`webgpu: a tensor cannot be read: ${(error as Error).message}`, { cause: error });
    }
  }

  /** An answer of the device, or its loss: a lost device may never answer. A race would keep each answer until the loss. */
  #untilLost<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      void answer.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  override readSync(dataId: object): ReturnType<WebGPUBackend['readSync']> {
    this.#assertSound();
    if (this.#deferred.has(dataId)) this.uploadToGPU(dataId);
    return super.readSync(dataId);
  }

  override readToGPU(dataId: object): ReturnType<WebGPUBackend['readToGPU']> {
    if (this.#deferred.has(dataId)) this.uploadToGPU(dataId);
    return super.readToGPU(dataId);
  }

  /** Throws what the device has reported since the last time, or that it is lost, which it stays. */
  #assertSound(): void {
    const failure = this.#lost ?? this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw new BackendError(`webgpu: ${failure}`);
  }

  #bufferOf(program: GpuProgram, { dataId, shape }: TensorInfo): GPUBuffer {
    assertTensorFits(program.name, this.device.limits, shape);
    this.uploadToGPU(dataId);
    return this.tensorMap.get(dataId).resource as GPUBuffer;
  }

  #uniformsOf(program: GpuProgram, sizes: Dispatch['sizes']): GPUBuffer {
    const { whole, floats } = sizeNames(program);
    const bytes = Math.ceil((whole.length + floats.length) / 4) * 16;
    const values = new DataView(new ArrayBuffer(bytes));
    whole.forEach((name, index) => values.setInt32(4 * index, sizes[name]!, true));
    floats.forEach((name, index) => values.setFloat32(4 * (whole.length + index), sizes[name]!, true));
    const buffer = this.bufferManager.acquireBuffer(bytes, GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM);
    this.queue.writeBuffer(buffer, 0, values.buffer);
    (this as unknown as Recording).uniformPendingDisposal.push(buffer);
    return buffer;
  }
}
