import { Parser } from 'pickleparser';

import type { PlainTensor } from './plain-tensors.ts';
import { valueAt, widthOf } from './plain-values.ts';

const TYPES: Readonly<Record<string, string>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

interface Rebuilt {
  readonly storage: readonly [kind: string, dtype: string, key: string];
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** The tensors of a PyTorch archive, read by another pickle reader and in the plainest way; throws where that fails. */
export function plainTorch(bytes: Uint8Array): Map<string, PlainTensor> {
  const entries = directory(bytes);
  const pickleName = [...entries.keys()].find((name) => name.endsWith('/data.pkl'));
  if (pickleName === undefined) throw new Error('there is no data.pkl');
  const root = unpickle(entries.get(pickleName)!);
  const tensors = new Map<string, PlainTensor>();
  collect(root, '', (name, rebuilt) => {
    const data = entries.get(pickleName.replace(/data\.pkl$/, `data/${rebuilt.storage[2]}`));
    if (!data) throw new Error(`the values of "${name}" are missing`);
    tensors.set(name, gather(rebuilt, data));
  });
  return tensors;
}

/** Entries by name: what the central directory says, where the local header says. */
function directory(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  const entries = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < view.getUint16(end + 10, true); index++) {
    const [size, nameLength] = [view.getUint32(at + 24, true), view.getUint16(at + 28, true)];
    const local = view.getUint32(at + 42, true);
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    entries.set(name, bytes.subarray(begin, begin + size));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function unpickle(bytes: Uint8Array): unknown {
  return new Parser({
    unpicklingTypeOfDictionary: 'Map',
    persistentResolver: { resolve: (id) => id as unknown },
    nameResolver: { resolve: (module, name) => constructorOf(`${module}.${name}`) as () => unknown },
  }).parse(bytes);
}

function constructorOf(name: string): unknown {
  const storage = TYPES[name.replace(/^torch\./, '')];
  if (storage !== undefined) return storage;
  switch (name) {
    case 'collections.OrderedDict':
      return function orderedDict() {
        return new Map();
      };
    case 'torch._utils._rebuild_parameter':
      return function rebuildParameter(tensor: Rebuilt) {
        return tensor;
      };
    case 'torch._utils._rebuild_tensor_v2':
      return function rebuildTensor(
        storage: Rebuilt['storage'],
        offset: number,
        shape: number[],
        strides: number[],
      ): Rebuilt {
        return { storage, offset, shape, strides };
      };
    default:
      // What else may stand beside the tensors is read and forgotten.
      return function inert() {
        return {};
      };
  }
}

function collect(value: unknown, path: string, found: (name: string, tensor: Rebuilt) => void): void {
  if (value instanceof Map) {
    for (const [key, item] of value) collect(item, path ? `${path}.${String(key)}` : String(key), found);
  } else if (typeof value === 'object' && value !== null && 'strides' in value) {
    found(path, value as Rebuilt);
  }
}

function gather({ storage: [, dtype], offset, shape, strides }: Rebuilt, data: Uint8Array): PlainTensor {
  const width = widthOf(dtype);
  if (width === undefined) throw new Error(`there is no type ${dtype}`);
  const values: number[] = [];
  const walk = (axis: number, place: number): void => {
    if (axis === shape.length) values.push(valueAt(data, place * width, dtype));
    else for (let index = 0; index < shape[axis]!; index++) walk(axis + 1, place + index * strides[axis]!);
  };
  walk(0, offset);
  return { dtype, shape, values };
}
