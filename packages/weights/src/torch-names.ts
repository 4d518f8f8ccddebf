// The allow-list of PyTorch checkpoints: every name that a pickle may hold, and what it stands for here.
import { CheckpointError } from '@od-vae/core/base';

import type { DType } from './dtype.ts';
import type { PickleNames } from './pickle-machine.ts';
import { PickleGlobal, PickleObject, type PickleValue } from './pickle-value.ts';
import { TorchStorage, TorchTensorRecord } from './torch-tensor-record.ts';

const STORAGES: Readonly<Record<string, DType>> = {
  BoolStorage: 'BOOL',
  ByteStorage: 'U8',
  CharStorage: 'I8',
  ShortStorage: 'I16',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  IntStorage: 'I32',
  FloatStorage: 'F32',
  DoubleStorage: 'F64',
  LongStorage: 'I64',
};

const DTYPES: Readonly<Record<string, DType>> = {
  bool: 'BOOL',
  uint8: 'U8',
  int8: 'I8',
  int16: 'I16',
  uint16: 'U16',
  float16: 'F16',
  bfloat16: 'BF16',
  int32: 'I32',
  uint32: 'U32',
  float32: 'F32',
  float64: 'F64',
  int64: 'I64',
  uint64: 'U64',
};

/** Objects that stand beside weights in training checkpoints. They are made empty and stay inert. */
const INERT_NAMES = [
  'argparse.Namespace',
  'builtins.set',
  '__builtin__.set',
  'collections.Counter',
  'collections.defaultdict',
  'pathlib.Path',
  'pathlib.PosixPath',
  'pathlib.WindowsPath',
  'torch.device',
  'torch.Tensor',
  'torch.nn.parameter.Parameter',
  '_codecs.encode',
  'numpy.dtype',
  'numpy.ndarray',
  'numpy.core.multiarray.scalar',
  'numpy.core.multiarray._reconstruct',
  'numpy._core.multiarray.scalar',
  'numpy._core.multiarray._reconstruct',
  'omegaconf.dictconfig.DictConfig',
  'omegaconf.listconfig.ListConfig',
  'omegaconf.base.ContainerMetadata',
  'omegaconf.base.Metadata',
  'omegaconf.nodes.AnyNode',
  'pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint',
  'pytorch_lightning.utilities.parsing.AttributeDict',
  'typing.Any',
  'builtins.dict',
  'builtins.list',
  'builtins.int',
];

class TorchDType extends PickleGlobal {
  readonly dtype: DType;

  constructor(name: string, dtype: DType) {
    super(name, () => new PickleObject());
    this.dtype = dtype;
  }
}

function rebuildTensor(args: readonly PickleValue[], dtype?: DType): PickleValue {
  const [storage, offset, shape, strides] = args;
  const type = dtype ?? (storage instanceof TorchStorage ? storage.dtype : undefined);
  if (
    !(storage instanceof TorchStorage) ||
    !type ||
    offset === undefined ||
    shape === undefined ||
    strides === undefined
  ) {
    throw new CheckpointError('The pickle rebuilds a tensor without its storage, offset, shape and strides.');
  }
  return new TorchTensorRecord(storage, type, [offset, shape, strides]);
}

/** Its dtype comes as the seventh argument, for types that have no storage class of their own. */
function rebuildTensorV3(args: readonly PickleValue[]): PickleValue {
  const dtype = args[6];
  if (!(dtype instanceof TorchDType)) throw new CheckpointError('The pickle rebuilds a tensor without its dtype.');
  return rebuildTensor(args, dtype.dtype);
}

/** A parameter is its tensor. */
function rebuildParameter([tensor]: readonly PickleValue[]): PickleValue {
  if (!(tensor instanceof TorchTensorRecord))
    throw new CheckpointError('The pickle rebuilds a parameter without its tensor.');
  return tensor;
}

/** Tensors of a subclass, or with attributes: a rebuilding function, a type, that function's arguments, a state. */
function rebuildFromType([rebuild, , args]: readonly PickleValue[]): PickleValue {
  if (
    !(rebuild instanceof PickleGlobal) ||
    !rebuild.name.startsWith('torch._utils._rebuild_') ||
    !Array.isArray(args)
  ) {
    throw new CheckpointError('The pickle rebuilds a tensor with what is no function of torch.');
  }
  return rebuild.make(args);
}

function emptyDict(args: readonly PickleValue[]): PickleValue {
  if (args.length > 0)
    throw new CheckpointError('The pickle fills an OrderedDict while making it, which torch does not.');
  return new Map();
}

function allowList(): ReadonlyMap<string, PickleGlobal> {
  const makers: [string, (args: readonly PickleValue[]) => PickleValue][] = [
    ['collections.OrderedDict', emptyDict],
    ['torch._utils._rebuild_tensor', (args) => rebuildTensor(args)],
    ['torch._utils._rebuild_tensor_v2', (args) => rebuildTensor(args)],
    ['torch._utils._rebuild_tensor_v3', rebuildTensorV3],
    ['torch._utils._rebuild_parameter', rebuildParameter],
    ['torch._utils._rebuild_parameter_with_state', rebuildParameter],
    ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
    ['torch.Size', ([sizes]) => sizes ?? []],
    ['torch.storage.UntypedStorage', () => new PickleObject()],
    ...Object.keys(STORAGES).map((name) => [`torch.${name}`, () => new PickleObject()] as [string, () => PickleValue]),
    ...INERT_NAMES.map((name) => [name, () => new PickleObject()] as [string, () => PickleValue]),
  ];
  const dtypes = Object.entries(DTYPES).map(([name, dtype]) => new TorchDType(`torch.${name}`, dtype));
  return new Map(
    [...makers.map(([name, make]) => new PickleGlobal(name, make)), ...dtypes].map((item) => [item.name, item]),
  );
}

function storageOf(id: PickleValue): PickleValue {
  const [kind, type, key, , length] = Array.isArray(id) ? id : [];
  const name = type instanceof PickleGlobal ? type.name : '';
  const dtype = STORAGES[name.replace(/^torch\./, '')];
  const known = dtype !== undefined || name === 'torch.storage.UntypedStorage';
  if (kind !== 'storage' || !known || typeof key !== 'string' || typeof length !== 'number' || length < 0) {
    throw new CheckpointError('The pickle refers to something outside itself that is no storage of torch.');
  }
  return new TorchStorage(key, dtype, length);
}

/**
 * What names mean in a PyTorch checkpoint.
 *
 * @param label the file, for messages
 */
export function torchNames(label: string): PickleNames {
  const allowed = allowList();
  return {
    global: (module, name) => {
      const known = allowed.get(`${module}.${name}`);
      if (!known) {
        throw new CheckpointError(
          `${label} wants to load "${module}.${name}", which weights do not need; nothing of the file was run. Save its state_dict alone.`,
        );
      }
      return known;
    },
    persistent: storageOf,
  };
}
