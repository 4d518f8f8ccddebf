import { type DataId, DataStorage } from '@tensorflow/tfjs-core';

/**
 * A backend's values, with a record of which of them anyone but our kernels has laid hands on.
 *
 * Stock kernels may give views of their input as output (`Slice`), and `dataSync` gives the array itself: memory that was
 * looked at can not be used again. All such looks pass through `get`.
 */
export class WatchedData<Data> extends DataStorage<Data> {
  readonly #unseen = new WeakSet<DataId>();

  /** Marks values that nobody has seen. */
  keepUnseen(dataId: DataId): void {
    this.#unseen.add(dataId);
  }

  isUnseen(dataId: DataId): boolean {
    return this.#unseen.has(dataId);
  }

  override get(dataId: DataId): Data {
    this.#unseen.delete(dataId);
    return super.get(dataId);
  }

  /** The same as `get` for callers that keep no view of the values. */
  peek(dataId: DataId): Data {
    return super.get(dataId);
  }
}
