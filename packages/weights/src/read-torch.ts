import { CheckpointError } from '@od-vae/core/base';

import type { ByteSource } from './byte-source.ts';
import { bytesPerValue } from './dtype.ts';
import { gatherView, negateValues, swapBytes } from './gather-view.ts';
import type { PickleValue } from './pickle-value.ts';
import { readPickle } from './read-pickle.ts';
import { type StoredTensor, storedTensor } from './stored-tensor.ts';
import { openTorchArchive, type TorchArchive } from './torch-archive.ts';
import { torchNames } from './torch-names.ts';
import { type TensorView, tensorView, type TorchTensorRecord } from './torch-tensor-record.ts';

/** Longest pickle that is read, in bytes; it holds names and shapes, the values lie beside it. */
const MAX_PICKLE_BYTES = 64 * 2 ** 20;

/** A PyTorch checkpoint whose pickle was read. */
export interface TorchFile {
  /** What was saved: dicts are Maps, tensors are records. */
  readonly root: PickleValue;
  /** A record as a tensor that is read when asked for. */
  tensor(name: string, record: TorchTensorRecord): StoredTensor;
}

/**
 * Reads the pickle of a PyTorch zip archive; nothing in it is run.
 *
 * @throws CheckpointError when the archive is damaged, or its pickle names what no checkpoint needs
 */
export async function readTorch(source: ByteSource): Promise<TorchFile> {
  const archive = await openTorchArchive(source);
  const pickle = await readEntry(archive, 'data.pkl', MAX_PICKLE_BYTES, source.label);
  const order = archive.sizeOf('byteorder') === undefined ? 'little' : await readByteOrder(archive, source.label);
  const root = readPickle(pickle, torchNames(source.label));
  return {
    root,
    tensor: (name, record) => {
      const view = tensorView(name, record);
      checkStorage(view, archive, name, source.label);
      const bytes = (): Promise<Uint8Array> => readView(view, archive, order === 'big');
      return storedTensor({ name, dtype: view.dtype, shape: view.shape, bytes });
    },
  };
}

async function readEntry(archive: TorchArchive, name: string, limit: number, label: string): Promise<Uint8Array> {
  const size = archive.sizeOf(name) ?? 0;
  if (size > limit) throw new CheckpointError(`${label}: ${name} has ${size} bytes, but at most ${limit} are read.`);
  return archive.read(name, 0, size);
}

async function readByteOrder(archive: TorchArchive, label: string): Promise<string> {
  const order = new TextDecoder().decode(await readEntry(archive, 'byteorder', 16, label));
  if (order !== 'little' && order !== 'big') {
    throw new CheckpointError(`${label} has the byte order "${order}", which must be "little" or "big".`);
  }
  return order;
}

function checkStorage({ storage, dtype }: TensorView, archive: TorchArchive, name: string, label: string): void {
  const needed = storage.length * (storage.dtype ? bytesPerValue(dtype) : 1);
  const size = archive.sizeOf(`data/${storage.key}`);
  if (size === undefined)
    throw new CheckpointError(`${label}: the values of "${name}" (data/${storage.key}) are missing.`);
  if (size < needed) {
    throw new CheckpointError(
      `${label}: the storage of "${name}" needs ${needed} bytes, but data/${storage.key} has ${size}.`,
    );
  }
}

async function readView(view: TensorView, archive: TorchArchive, bigEndian: boolean): Promise<Uint8Array> {
  const width = bytesPerValue(view.dtype);
  const stored = await archive.read(`data/${view.storage.key}`, view.begin * width, view.end * width);
  let bytes = view.contiguous ? stored : gatherView(stored, view, width);
  // Sources may keep what they read, so it is changed in a copy.
  if (bytes === stored && (bigEndian || view.negated)) bytes = stored.slice();
  if (bigEndian) swapBytes(bytes, width);
  return view.negated ? negateValues(bytes, view.dtype) : bytes;
}
