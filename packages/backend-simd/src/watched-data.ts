import { type DataId, DataStorage, type DataMover } from '@tensorflow/tfjs-core';

/**
 * A backend's values, with a record of which of them anyone but our kernels has laid hands on.
 *
 * Stock kernels may give views of their input as output (`Slice`), and `dataSync` gives the array itself: memory that was
 * looked at can not be used again. All such looks pass through `get`, which also brings back values that are kept in another
 * form.
 */
export class WatchedData<Data> extends DataStorage<Data> {
  readonly #unseen = new WeakSet<DataId>();
  readonly #restore: (dataId: DataId, data: Data) => void;

  /** @param restore called before anyone gets data, to complete it */
  constructor(backend: unknown, mover: DataMover, restore: (dataId: DataId, data: Data) => void) {
    super(backend as ConstructorParameters<typeof DataStorage<Data>>[0], mover);
    this.#restore = restore;
  }

  /** Marks values that nobody has seen. */
  keepUnseen(dataId: DataId): void {
    this.#unseen.add(dataId);
  }

  isUnseen(dataId: DataId): boolean {
    return this.#unseen.has(dataId);
  }

  override get(dataId: DataId): Data {
    this.#unseen.delete(dataId);
    const data = super.get(dataId);
    this.#restore(dataId, data);
    return data;
  }

  /** The data as it is kept, for callers that let nobody see it. */
  peek(dataId: DataId): Data {
    return super.get(dataId);
  }
}
