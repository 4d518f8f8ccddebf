import { CheckpointError } from '@od-vae/core/base';

import { bytesPerValue, type DType, tensorBytes } from './dtype.ts';
import { PickleObject, type PickleValue } from './pickle-value.ts';

const MAX_RANK = 32;

/** Values that a view may repeat (a stride of 0) beyond what its storage holds: 2^28, a gigabyte of float32. */
const MAX_REPEATED_VALUES = 2 ** 28;

/** A storage that a pickle names: the values under one key of the archive. */
export class TorchStorage extends PickleObject {
  readonly key: string;
  /** Undefined for untyped storages, whose length counts bytes, and for types that are not read. */
  readonly dtype: DType | undefined;
  readonly length: number;
  /** Name of its class in torch, such as `FloatStorage`. */
  readonly className: string;

  constructor(key: string, dtype: DType | undefined, length: number, className = '') {
    super();
    this.key = key;
    this.dtype = dtype;
    this.length = length;
    this.className = className;
  }
}

/** A tensor as a pickle describes it: a view of a storage, in values. Nothing of it is checked yet. */
export class TorchTensorRecord extends PickleObject {
  readonly storage: TorchStorage;
  readonly dtype: DType;
  readonly offset: PickleValue;
  readonly shape: PickleValue;
  readonly strides: PickleValue;
  /** PyTorch's negative bit: the values are those of the storage with the opposite sign. */
  readonly negated: boolean;

  constructor(
    storage: TorchStorage,
    dtype: DType,
    [offset, shape, strides]: readonly [PickleValue, PickleValue, PickleValue],
    negated = false,
  ) {
    super();
    this.negated = negated;
    this.storage = storage;
    this.dtype = dtype;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }

  override change(): void {
    throw new CheckpointError('The pickle changes a tensor after it was built, which torch does not.');
  }
}

/** A tensor of a kind that is not read: it may stand beside weights, but cannot be one. */
export class UnreadTensor extends PickleObject {
  /** Completes the sentence "the tensor …", with what to do about it. */
  readonly reason: string;

  constructor(reason: string) {
    super();
    this.reason = reason;
  }
}

/** A view that was found to lie inside its storage. */
export interface TensorView {
  readonly storage: TorchStorage;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** First value, and one past the last that is read. */
  readonly begin: number;
  readonly end: number;
  /** Whether the values lie in row-major order without a gap. */
  readonly contiguous: boolean;
  /** Whether the values are those of the storage with the opposite sign. */
  readonly negated: boolean;
}

/**
 * A pickled tensor as a view with checked numbers.
 *
 * @throws CheckpointError when a number is none, or the view reaches outside its storage
 */
export function tensorView(name: string, record: TorchTensorRecord): TensorView {
  const { storage, dtype, offset, shape, strides, negated } = record;
  if (!isSizes(shape) || !isSizes(strides) || shape.length !== strides.length || !isSize(offset)) {
    throw new CheckpointError(
      `"${name}" needs an offset, and a shape and strides of at most ${MAX_RANK} non-negative numbers.`,
    );
  }
  const bytes = tensorBytes(shape, dtype);
  const count = (bytes ?? Number.NaN) / bytesPerValue(dtype);
  const reach = count === 0 ? 0 : shape.reduce((last, dimension, axis) => last + (dimension - 1) * strides[axis]!, 1);
  const length = storage.dtype ? storage.length : storage.length / bytesPerValue(dtype);
  const end = offset + reach;
  if (bytes === undefined || !(end <= length) || count - length > MAX_REPEATED_VALUES) {
    throw new CheckpointError(
      `"${name}" [${shape}] with strides [${strides}] from ${offset} does not fit its storage of ${length} values.`,
    );
  }
  return { storage, dtype, shape, strides, begin: offset, end, contiguous: isContiguous(shape, strides), negated };
}

function isSize(value: PickleValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSizes(value: PickleValue): value is number[] {
  return Array.isArray(value) && value.length <= MAX_RANK && value.every(isSize);
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
