import { type DataId, DataStorage, type DataMover } from '@tensorflow/tfjs-core';

/**
 * A backend's values, of which those in memory that is used again are shown to our kernels alone.
 *
 * Stock kernels may give views of their input as output (`Slice`), and `dataSync` gives the array itself: whoever asks
 * through `get` is given values that are his, and stay as they are.
 */
export class WatchedData<Data> extends DataStorage<Data> {
  readonly #show: (dataId: DataId, data: Data) => void;

  /** @param show called before anyone is given data: puts its values into memory of their own */
  constructor(backend: unknown, mover: DataMover, show: (dataId: DataId, data: Data) => void) {
    super(backend as ConstructorParameters<typeof DataStorage<Data>>[0], mover);
    this.#show = show;
  }

  override get(dataId: DataId): Data {
    const data = super.get(dataId);
    this.#show(dataId, data);
    return data;
  }

  /** The data as it is kept, for callers that let nobody see it. */
  peek(dataId: DataId): Data {
    return super.get(dataId);
  }
}
