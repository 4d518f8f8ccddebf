// The allow-list of PyTorch checkpoints: every name that a pickle may hold, and what it stands for here.
import { CheckpointError } from '@od-vae/core/base';

import type { DType } from './dtype.ts';
import type { PickleNames } from './pickle-machine.ts';
import { PickleGlobal, PickleObject, type PickleValue } from './pickle-value.ts';
import { REBUILDERS, TorchDType } from './torch-rebuild.ts';
import { TorchStorage } from './torch-tensor-record.ts';

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

/** Element types that PyTorch has and this package does not read; a tensor of one is refused where it is a weight. */
const UNREAD_STORAGES = [
  'ComplexFloatStorage',
  'ComplexDoubleStorage',
  'QInt8Storage',
  'QUInt8Storage',
  'QInt32Storage',
  'QUInt4x2Storage',
  'QUInt2x4Storage',
];

const UNREAD_DTYPES = [
  'complex32',
  'complex64',
  'complex128',
  'float8_e4m3fn',
  'float8_e4m3fnuz',
  'float8_e5m2',
  'float8_e5m2fnuz',
  'float8_e8m0fnu',
  'float4_e2m1fn_x2',
  'qint8',
  'quint8',
  'qint32',
  'quint4x2',
  'quint2x4',
  ...Array.from({ length: 7 }, (_, index) => [`uint${index + 1}`, `int${index + 1}`]).flat(),
];

/** Objects that stand beside weights in training checkpoints. They are made empty and stay inert. */
const INERT_NAMES = [
  'argparse.Namespace',
  'types.SimpleNamespace',
  ...['bool', 'bytearray', 'bytes', 'complex', 'float', 'int', 'list', 'object', 'range', 'slice', 'str', 'tuple'].map(
    (name) => `builtins.${name}`,
  ),
  'collections.Counter',
  'collections.deque',
  'copyreg._reconstructor',
  'copyreg.__newobj__',
  'datetime.datetime',
  'datetime.timedelta',
  'pathlib.Path',
  'pathlib.PosixPath',
  'pathlib.WindowsPath',
  'pathlib._local.Path',
  'pathlib._local.PosixPath',
  'pathlib._local.WindowsPath',
  'torch.device',
  'torch.Tensor',
  'torch.nn.parameter.Parameter',
  'torch.serialization._get_layout',
  'torch.torch_version.TorchVersion',
  'torch.per_tensor_affine',
  'torch.per_tensor_symmetric',
  'torch.per_channel_affine',
  'torch.per_channel_symmetric',
  'torch.per_channel_affine_float_qparams',
  '_codecs.encode',
  'numpy.dtype',
  'numpy.ndarray',
  'numpy._core.multiarray.scalar',
  'numpy._core.multiarray._reconstruct',
  'numpy._core.numeric._frombuffer',
  'omegaconf.dictconfig.DictConfig',
  'omegaconf.listconfig.ListConfig',
  'omegaconf.base.ContainerMetadata',
  'omegaconf.base.Metadata',
  'omegaconf.nodes.AnyNode',
  'pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint',
  'pytorch_lightning.utilities.parsing.AttributeDict',
  'lightning.fabric.utilities.data.AttributeDict',
  'lightning.pytorch.callbacks.model_checkpoint.ModelCheckpoint',
  'lightning.pytorch.utilities.parsing.AttributeDict',
  'lightning_fabric.utilities.data.AttributeDict',
  'typing.Any',
];

/** Names that Python 2, NumPy 1 and pickles of protocol 2 use, by the ones of today. */
const OLD_MODULES: Readonly<Record<string, string>> = { __builtin__: 'builtins', copy_reg: 'copyreg' };
const OLD_BUILTINS: Readonly<Record<string, string>> = { long: 'int', unicode: 'str', xrange: 'range' };

function currentName(module: string, name: string): string {
  const current = OLD_MODULES[module] ?? module.replace(/^numpy\.core\./, 'numpy._core.');
  return `${current}.${module === '__builtin__' ? (OLD_BUILTINS[name] ?? name) : name}`;
}

/** A dict from nothing, from another dict or, as Python 2 pickles an OrderedDict, from a list of pairs. */
function makeDict([items = []]: readonly PickleValue[]): PickleValue {
  if (items instanceof Map) return new Map(items);
  if (!Array.isArray(items) || !items.every((item) => Array.isArray(item) && item.length === 2)) {
    throw new CheckpointError('The pickle makes a dict from something that is no list of pairs.');
  }
  return new Map(items as [PickleValue, PickleValue][]);
}

function makeSet([items = []]: readonly PickleValue[]): PickleValue {
  return new Set(Array.isArray(items) ? items : []);
}

function allowList(): ReadonlyMap<string, PickleGlobal> {
  const inert = [
    'torch.storage.UntypedStorage',
    ...[...Object.keys(STORAGES), ...UNREAD_STORAGES].map((name) => `torch.${name}`),
    ...INERT_NAMES,
  ];
  const makers: [string, (args: readonly PickleValue[]) => PickleValue][] = [
    ['builtins.dict', makeDict],
    ['builtins.set', makeSet],
    ['builtins.frozenset', makeSet],
    ['collections.OrderedDict', makeDict],
    ['collections.defaultdict', ([, items]) => makeDict(items === undefined ? [] : [items])],
    ['torch.Size', ([sizes]) => sizes ?? []],
    ...REBUILDERS,
    ...inert.map((name): [string, () => PickleValue] => [name, () => new PickleObject()]),
  ];
  const dtypes = [...Object.entries(DTYPES), ...UNREAD_DTYPES.map((name): [string, undefined] => [name, undefined])];
  return new Map(
    [
      ...makers.map(([name, make]) => new PickleGlobal(name, make)),
      ...dtypes.map(([name, dtype]) => new TorchDType(`torch.${name}`, dtype)),
    ].map((item) => [item.name, item]),
  );
}

function storageOf(id: PickleValue): PickleValue {
  const [kind, type, key, , length, view] = Array.isArray(id) ? id : [];
  const name = type instanceof PickleGlobal ? type.name.replace(/^torch\./, '') : '';
  const known = name in STORAGES || UNREAD_STORAGES.includes(name) || name === 'storage.UntypedStorage';
  const isWhole = view === undefined || view === null;
  if (kind !== 'storage' || !known || typeof key !== 'string' || typeof length !== 'number' || length < 0 || !isWhole) {
    throw new CheckpointError('The pickle refers to something outside itself that is no storage of torch.');
  }
  return new TorchStorage(key, STORAGES[name], length, name);
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
      const known = allowed.get(currentName(module, name));
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
