// The functions of torch that rebuild tensors when a pickle is loaded.
import { CheckpointError } from '@od-vae/core/base';

import type { DType } from './dtype.ts';
import { PickleGlobal, PickleObject, type PickleValue } from './pickle-value.ts';
import { TorchStorage, TorchTensorRecord, UnreadTensor } from './torch-tensor-record.ts';

/** A dtype of torch; `dtype` is undefined for those that are not read. */
export class TorchDType extends PickleGlobal {
  readonly dtype: DType | undefined;

  constructor(name: string, dtype: DType | undefined) {
    super(name, () => new PickleObject());
    this.dtype = dtype;
  }
}

type Rebuild = (args: readonly PickleValue[]) => PickleValue;

function rebuildTensor(
  args: readonly PickleValue[],
  typeName: string,
  dtype: DType | undefined,
  metadata: PickleValue,
) {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof TorchStorage) || offset === undefined || shape === undefined || strides === undefined) {
    throw new CheckpointError('The pickle rebuilds a tensor without its storage, offset, shape and strides.');
  }
  if (dtype === undefined) {
    return new UnreadTensor(
      `is of type ${typeName}, which is not read; convert it to a real float type and save again`,
    );
  }
  const bits = readBits(metadata);
  if (bits instanceof UnreadTensor) return bits;
  if (bits.negated && dtype === 'BOOL')
    return new UnreadTensor('is a negated view of booleans, which torch cannot make');
  return new TorchTensorRecord(storage, dtype, [offset, shape, strides], bits.negated);
}

/** Bits that change the values of a view: `neg` is applied, every other one is refused. */
function readBits(metadata: PickleValue): { negated: boolean } | UnreadTensor {
  if (metadata === null) return { negated: false };
  if (!(metadata instanceof Map)) throw new CheckpointError('The pickle gives a tensor metadata that is no dict.');
  const set = [...metadata].filter(([, value]) => value !== false && value !== null).map(([key]) => key);
  const other = set.find((key) => key !== 'neg');
  if (other === undefined) return { negated: set.length > 0 };
  const name = typeof other === 'string' ? other : 'of another kind';
  return new UnreadTensor(
    `carries the metadata "${name}", which is not applied; save it after .resolve_conj().clone()`,
  );
}

function rebuildV2(args: readonly PickleValue[]): PickleValue {
  const [storage] = args;
  const { className = '', dtype } = storage instanceof TorchStorage ? storage : {};
  return rebuildTensor(args, className.replace('Storage', ''), dtype, args[6] ?? null);
}

/** The dtype is the seventh argument, for types that have no storage class of their own. */
function rebuildV3(args: readonly PickleValue[]): PickleValue {
  const dtype = args[6];
  if (!(dtype instanceof TorchDType)) throw new CheckpointError('The pickle rebuilds a tensor without its dtype.');
  return rebuildTensor(args, dtype.name, dtype.dtype, args[7] ?? null);
}

/** A parameter is its tensor; attributes that Python code added do not change its values. */
function rebuildParameter([tensor, , , state]: readonly PickleValue[]): PickleValue {
  return plainTensor(tensor, state, 'a parameter');
}

/** Tensors of a subclass, or with attributes: a rebuilding function, a type, that function's arguments, a state. */
function rebuildFromType([rebuild, , args, state]: readonly PickleValue[]): PickleValue {
  const isRebuild = rebuild instanceof PickleGlobal && rebuild.name.startsWith('torch._utils._rebuild_');
  if (!isRebuild || !Array.isArray(args)) {
    throw new CheckpointError('The pickle rebuilds a tensor with what is no function of torch.');
  }
  return plainTensor(rebuild.make(args), state, 'a tensor with attributes');
}

/** A tensor moved to another device, such as XLA's, from its copy on the CPU. */
function rebuildFromCpu([tensor, dtype]: readonly PickleValue[]): PickleValue {
  const isSame = tensor instanceof TorchTensorRecord && dtype instanceof TorchDType && dtype.dtype === tensor.dtype;
  return isSame ? tensor : new UnreadTensor('was saved from another device in another type; save it after .cpu()');
}

function plainTensor(tensor: PickleValue | undefined, state: PickleValue | undefined, kind: string): PickleValue {
  if (tensor instanceof UnreadTensor) return tensor;
  if (!(tensor instanceof TorchTensorRecord)) {
    throw new CheckpointError(`The pickle rebuilds ${kind} without its tensor.`);
  }
  const attributes = Array.isArray(state) ? state : [state];
  const replaced = attributes.some((part) => part instanceof Map && part.has('data'));
  return replaced ? new UnreadTensor('has an attribute that replaces its values; save it after .clone()') : tensor;
}

function unread(reason: string): Rebuild {
  return () => new UnreadTensor(reason);
}

/** Every rebuilding function by its name. */
export const REBUILDERS: readonly [string, Rebuild][] = [
  ['torch._utils._rebuild_tensor', rebuildV2],
  ['torch._utils._rebuild_tensor_v2', rebuildV2],
  ['torch._utils._rebuild_tensor_v3', rebuildV3],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch._utils._rebuild_parameter_with_state', rebuildParameter],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', rebuildFromCpu],
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
  ['torch._tensor._rebuild_from_type', rebuildFromType],
  ...Object.entries({
    _rebuild_qtensor: 'is quantized, which is not read; save it after .dequantize()',
    _rebuild_sparse_tensor: 'is sparse, which is not read; save it after .to_dense()',
    _rebuild_sparse_csr_tensor: 'is sparse, which is not read; save it after .to_dense()',
    _rebuild_nested_tensor: 'is a nested tensor, which is not read; save its parts',
    _rebuild_meta_tensor_no_storage: 'is on the meta device, so the file has no values of it',
    _rebuild_wrapper_subclass: 'is a tensor subclass without values of its own; save a plain tensor',
    _rebuild_xla_tensor: 'was saved from another device; save it after .cpu()',
    _rebuild_device_tensor_from_numpy: 'was saved from another device; save it after .cpu()',
  }).map(([name, reason]): [string, Rebuild] => [`torch._utils.${name}`, unread(reason)]),
];
