import { CheckpointError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import * as build from '../fixtures/build-torch-archive.ts';
import { blobSource } from './byte-source.ts';
import { openCheckpoint } from './open-checkpoint.ts';
import { readTorch } from './read-torch.ts';
import type { StoredTensor } from './stored-tensor.ts';
import { TorchTensorRecord } from './torch-tensor-record.ts';

const floats = new Uint8Array(Float32Array.from({ length: 12 }, (_, index) => index).buffer);

async function open(blob: Blob): Promise<StoredTensor> {
  const { root, tensor } = await readTorch(blobSource(blob));
  expect(root).toBeInstanceOf(TorchTensorRecord);
  return tensor('w', root as TorchTensorRecord);
}

async function values(
  parts: build.TensorParts,
  entries: Record<string, Uint8Array> = { 'data/0': floats },
): Promise<number[]> {
  const tensor = await open(await build.torchArchive(build.tensor(parts), entries));
  return [...(await tensor.float32())];
}

describe('readTorch', () => {
  it.each<[string, build.TensorParts, number[]]>([
    ['a whole storage', { length: 12, shape: [3, 4], strides: [4, 1] }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ['a transposed view', { length: 12, shape: [4, 3], strides: [1, 4] }, [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]],
    ['a row from an offset', { length: 12, offset: 4, shape: [4], strides: [1] }, [4, 5, 6, 7]],
    ['every second column', { length: 12, offset: 1, shape: [3, 2], strides: [4, 2] }, [1, 3, 5, 7, 9, 11]],
    ['a permuted block', { length: 12, shape: [2, 2, 3], strides: [2, 1, 4] }, [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]],
    ['an expanded row', { length: 12, offset: 3, shape: [2, 3], strides: [0, 1] }, [3, 4, 5, 3, 4, 5]],
    ['a scalar', { length: 12, offset: 7, shape: [], strides: [] }, [7]],
    ['odd strides of an axis of one', { length: 12, shape: [1, 3], strides: [99, 1] }, [0, 1, 2]],
    ['an empty tensor', { length: 12, offset: 12, shape: [0, 5], strides: [5, 1] }, []],
  ])('reads %s', async (_, parts, expected) => {
    expect(await values(parts)).toEqual(expected);
  });

  const negative = build.dict({ neg: [0x88] });

  it.each<[string, build.TensorParts, number[]]>([
    ['of a whole storage', { length: 3, shape: [3], strides: [1] }, [0, -1, -2]],
    ['with strides', { length: 12, offset: 1, shape: [2, 2], strides: [1, 4] }, [-1, -5, -2, -6]],
    ['that repeats', { length: 12, offset: 3, shape: [2, 1], strides: [0, 1] }, [-3, -3]],
  ])('applies the negative bit to a view %s, every time that it is read', async (_, parts, expected) => {
    const blob = await build.torchArchive(build.tensor({ ...parts, metadata: negative }), { 'data/0': floats });
    const tensor = await open(blob);
    for (let time = 0; time < 2; time++) {
      expect([...(await tensor.float32())].map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
    }
    expect(
      Object.is((await open(blob).then((again) => again.float32()))[0], expected[0] === 0 ? -0 : expected[0]),
    ).toBe(true);
  });

  it('applies the negative bit to values of big-endian machines', async () => {
    const swapped = new Uint8Array(4);
    new DataView(swapped.buffer).setFloat32(0, 1.5, false);
    const entries = { 'data/0': swapped, byteorder: Buffer.from('big') };
    expect(await values({ length: 1, shape: [1], strides: [1], metadata: negative }, entries)).toEqual([-1.5]);
  });

  it.each<[string, NodeJS.TypedArray, number[]]>([
    ['CharStorage', Int8Array.of(0, 1, -7), [0, -1, 7]],
    ['IntStorage', Int32Array.of(0, 70_000, -256), [0, -70_000, 256]],
    ['LongStorage', BigInt64Array.of(0n, 2n ** 40n, -1n), [0, -(2 ** 40), 1]],
    ['DoubleStorage', Float64Array.of(0.5, 1, -2), [-0.5, -1, 2]],
    ['HalfStorage', Uint16Array.of(0x3c00, 0xc000, 0x7c00), [-1, 2, Number.NEGATIVE_INFINITY]],
    ['BFloat16Storage', Uint16Array.of(0x3f80, 0xc000, 0x7f80), [-1, 2, Number.NEGATIVE_INFINITY]],
  ])('applies the negative bit to a %s', async (name, stored, expected) => {
    const bytes = new Uint8Array(stored.buffer);
    const parts = { type: build.global('torch', name), length: 3, shape: [3], strides: [1], metadata: negative };
    expect((await values(parts, { 'data/0': bytes })).map((value) => value + 0)).toEqual(expected);
  });

  it('takes bits that are not set for what they are', async () => {
    const metadata = build.dict({ neg: [0x89], conj: [0x89] });
    expect(await values({ length: 12, shape: [2], strides: [1], metadata })).toEqual([0, 1]);
  });

  it('reads storages of big-endian machines', async () => {
    const swapped = new Uint8Array(4);
    new DataView(swapped.buffer).setFloat32(0, 1.5, false);
    const entries = { 'data/0': swapped, byteorder: Buffer.from('big') };
    expect(await values({ length: 1, shape: [1], strides: [1] }, entries)).toEqual([1.5]);
  });

  it('reads archives with 64-bit records', async () => {
    const blob = await build.torchArchive(
      build.tensor({ length: 12, shape: [2], strides: [1] }),
      { 'data/0': floats },
      { zip64: true },
    );
    expect([...(await (await open(blob)).float32())]).toEqual([0, 1]);
  });

  it('reads types without a storage class, whose dtype is an argument', async () => {
    const id = build.tuple(
      build.text('storage'),
      build.global('torch.storage', 'UntypedStorage'),
      build.text('0'),
      build.text('cpu'),
      build.int(4),
    );
    const args = build.tuple(
      [...id, 0x51],
      build.int(1),
      build.tuple(build.int(1)),
      build.tuple(build.int(1)),
      [0x89],
      [0x4e],
      build.global('torch', 'uint16'),
    );
    const value = [...build.global('torch._utils', '_rebuild_tensor_v3'), ...args, 0x52];
    const tensor = await open(await build.torchArchive(value, { 'data/0': Uint8Array.of(0, 0, 2, 1) }));
    expect(tensor.dtype).toBe('U16');
    expect([...(await tensor.float32())]).toEqual([258]);
  });

  it('reads tensors with attributes as tensors', async () => {
    const plain = build.tensor({ length: 12, shape: [2], strides: [1] });
    const rebuild = build.global('torch._utils', '_rebuild_tensor_v2');
    const inner = plain.slice(rebuild.length, -1);
    const args = build.tuple(rebuild, build.global('torch', 'Tensor'), inner, [0x7d]);
    const value = [...build.global('torch._tensor', '_rebuild_from_type_v2'), ...args, 0x52];
    expect([...(await (await open(await build.torchArchive(value, { 'data/0': floats }))).float32())]).toEqual([0, 1]);
  });

  it.each<[string, build.TensorParts, string]>([
    [
      'a view beyond its storage',
      { length: 12, offset: 1, shape: [3, 4], strides: [4, 1] },
      '"w" [3,4] with strides [4,1] from 1 does not fit its storage of 12 values.',
    ],
    ['a negative stride', { length: 12, shape: [2], strides: [-1] }, 'non-negative numbers'],
    ['a negative offset', { length: 12, offset: -1, shape: [2], strides: [1] }, 'non-negative numbers'],
    ['more strides than dimensions', { length: 12, shape: [2], strides: [1, 1] }, 'non-negative numbers'],
    [
      'a view that repeats a value without end',
      { length: 12, shape: [2 ** 30], strides: [0] },
      'does not fit its storage',
    ],
    [
      'a size beyond all memory',
      { length: 12, shape: [2 ** 30, 2 ** 30], strides: [0, 0] },
      'does not fit its storage',
    ],
    [
      'a storage that is not there',
      { storage: '9', length: 12, shape: [1], strides: [1] },
      'built.pt: the values of "w" (data/9) are missing.',
    ],
    [
      'a storage that is shorter than it says',
      { length: 13, shape: [1], strides: [1] },
      'the storage of "w" needs 52 bytes, but data/0 has 48.',
    ],
  ])('refuses %s', async (_, parts, message) => {
    await expect(values(parts)).rejects.toThrow(CheckpointError);
    await expect(values(parts)).rejects.toThrow(message);
  });

  it.each<[string, number[], string]>([
    [
      'os.system',
      [...build.global('os', 'system'), ...build.tuple(build.text('true')), 0x52],
      'built.pt wants to load "os.system"',
    ],
    ['eval', [...build.global('builtins', 'eval'), ...build.tuple(build.text('1')), 0x52], '"builtins.eval"'],
    ['getattr', [...build.global('builtins', 'getattr')], '"builtins.getattr"'],
    [
      'a module as a dotted name',
      [...build.global('torch', 'serialization.os.system')],
      '"torch.serialization.os.system"',
    ],
    ['what every object inherits', [...build.global('torch', 'constructor')], '"torch.constructor"'],
    [
      'a storage of another kind',
      [...build.tuple(build.text('file'), build.text('/etc/passwd')), 0x51],
      'no storage of torch',
    ],
    [
      'a rebuilding function that is none',
      [
        ...build.global('torch._tensor', '_rebuild_from_type_v2'),
        ...build.tuple(build.global('collections', 'OrderedDict'), [0x4e], [0x29]),
        0x52,
      ],
      'no function of torch',
    ],
    [
      'a parameter without a tensor',
      [...build.global('torch._utils', '_rebuild_parameter'), ...build.tuple([0x4e]), 0x52],
      'a parameter without its tensor',
    ],
    [
      'a dict made of what is no dict',
      [...build.global('collections', 'OrderedDict'), ...build.tuple(build.text('ab')), 0x52],
      'makes a dict from something that is no list of pairs',
    ],
    [
      'a tensor whose state is set afterwards',
      [...build.tensor({ length: 1, shape: [1], strides: [1] }), 0x7d, 0x62],
      'changes a tensor after it was built',
    ],
    [
      'a tensor whose values are set afterwards',
      [...build.tensor({ length: 1, shape: [1], strides: [1] }), ...build.int(0), ...build.int(5), 0x73],
      'changes a tensor after it was built',
    ],
  ])('refuses %s', async (_, value, message) => {
    const source = blobSource(await build.torchArchive(value));
    await expect(readTorch(source)).rejects.toThrow(CheckpointError);
    await expect(readTorch(source)).rejects.toThrow(message);
  });

  it.each<[string, number[], string]>([
    [
      'a conjugate bit',
      build.tensor({ length: 1, shape: [1], strides: [1], metadata: build.dict({ neg: [0x88], conj: [0x88] }) }),
      'carries the metadata "conj", which is not applied',
    ],
    [
      'metadata of a backend',
      build.tensor({ length: 1, shape: [1], strides: [1], metadata: build.dict({ npu_format: build.int(3) }) }),
      'carries the metadata "npu_format"',
    ],
    [
      'complex values',
      build.tensor({ type: build.global('torch', 'ComplexFloatStorage'), length: 1, shape: [1], strides: [1] }),
      'is of type ComplexFloat, which is not read',
    ],
    ['a quantized tensor', [...build.global('torch._utils', '_rebuild_qtensor'), 0x29, 0x52], 'is quantized'],
    ['a sparse tensor', [...build.global('torch._utils', '_rebuild_sparse_tensor'), 0x29, 0x52], 'is sparse'],
    ['a nested tensor', [...build.global('torch._utils', '_rebuild_nested_tensor'), 0x29, 0x52], 'is a nested tensor'],
    [
      'a tensor of the meta device',
      [...build.global('torch._utils', '_rebuild_meta_tensor_no_storage'), 0x29, 0x52],
      'is on the meta device',
    ],
    [
      'an attribute that replaces the values',
      [
        ...build.global('torch._utils', '_rebuild_parameter_with_state'),
        ...build.tuple(
          build.tensor({ length: 1, shape: [1], strides: [1] }),
          [0x88],
          [0x4e],
          build.dict({ data: build.tensor({ length: 1, shape: [1], strides: [1] }) }),
        ),
        0x52,
      ],
      'has an attribute that replaces its values',
    ],
  ])('refuses %s as a weight, and leaves it alone beside the weights', async (_, value, message) => {
    const plain = build.tensor({ length: 12, shape: [2], strides: [1] });
    const as = async (dict: Record<string, readonly number[]>) =>
      openCheckpoint(await build.torchArchive(build.dict(dict), { 'data/0': floats }));
    await expect(as({ a: plain, 'decoder.b': value })).rejects.toThrow(CheckpointError);
    await expect(as({ a: plain, 'decoder.b': value })).rejects.toThrow(`built.pt: the tensor "decoder.b" ${message}`);
    await using checkpoint = await as({ state_dict: build.dict({ a: plain }), other: value });
    expect([...checkpoint.tensors.keys()]).toEqual(['a']);
  });

  it.each<[string, number[]]>([
    ['__builtin__', build.global('__builtin__', 'dict')],
    ['builtins', build.global('builtins', 'dict')],
  ])('reads dicts whose names are those of %s, and the weights in them', async (module, dict) => {
    const plain = build.tensor({ length: 12, shape: [2], strides: [1] });
    const made = (name: string, ...args: readonly (readonly number[])[]) => [
      ...build.global('collections', name),
      ...build.tuple(...args),
      0x52,
    ];
    const pair = build.tuple(build.text('b'), plain);
    const inert = ['set', 'frozenset', 'list', 'int', 'long', 'unicode', 'object', 'complex', 'bytearray', 'slice'];
    const present = inert.filter((name) => module === '__builtin__' || !['long', 'unicode'].includes(name));
    const value = build.dict({
      ...Object.fromEntries(present.map((name) => [name, made('defaultdict', build.global(module, name))])),
      set: [...build.global(module, 'set'), ...build.tuple([0x5d]), 0x52],
      state_dict: [...made('defaultdict', dict), ...build.text('a'), ...plain, 0x73],
      pairs: made('OrderedDict', build.tuple(pair)),
      instance: [
        ...build.global(module === 'builtins' ? 'copyreg' : 'copy_reg', '_reconstructor'),
        ...build.tuple(build.global('argparse', 'Namespace'), build.global(module, 'object'), [0x4e]),
        0x52,
        0x7d,
        0x62,
      ],
      scalar1: [...build.global('numpy.core.multiarray', 'scalar'), 0x29, 0x52],
      scalar2: [...build.global('numpy._core.multiarray', 'scalar'), 0x29, 0x52],
    });
    const { root } = await readTorch(blobSource(await build.torchArchive(value)));
    const read = root as Map<string, Map<string, unknown>>;
    expect(read.get('state_dict')?.get('a')).toBeInstanceOf(TorchTensorRecord);
    expect(read.get('pairs')?.get('b')).toBeInstanceOf(TorchTensorRecord);
  });

  it('refuses TorchScript with the way out', async () => {
    const blob = await build.torchArchive([0x7d], { 'constants.pkl': new Uint8Array(), 'code/a.py': new Uint8Array() });
    await expect(readTorch(blobSource(blob))).rejects.toThrow(
      'built.pt is a TorchScript archive, which is not read; save torch.jit.load(…).state_dict() with torch.save.',
    );
  });

  it('refuses archives that are compressed, encrypted, cut short or of other things', async () => {
    const value = build.tensor({ length: 12, shape: [2], strides: [1] });
    const long = { 'data/0': new Uint8Array(5000) };
    const compressed = await build.torchArchive(value, long, { level: 9 });
    await expect(readTorch(blobSource(compressed))).rejects.toThrow(
      'is compressed (method 8), but PyTorch stores entries as they are',
    );
    const encrypted = await build.torchArchive(value, long, { password: 'secret' });
    await expect(readTorch(blobSource(encrypted))).rejects.toThrow('archive/data.pkl is encrypted');
    const whole = await build.torchArchive(value, long);
    await expect(readTorch(blobSource(whole.slice(0, whole.size - 30), 'short.pt'))).rejects.toThrow(
      'it may be cut short',
    );
    const bytes = new Uint8Array(await whole.arrayBuffer());
    const renamed = Uint8Array.from(bytes, (byte) => (byte === 0x6c ? 0x6d : byte));
    await expect(readTorch(blobSource(new Blob([renamed])))).rejects.toThrow('is a zip archive without data.pkl');
  });

  it('refuses a byte order it does not know', async () => {
    const blob = await build.torchArchive([0x7d], { byteorder: Buffer.from('middle') });
    await expect(readTorch(blobSource(blob))).rejects.toThrow(
      'the byte order "middle", which must be "little" or "big"',
    );
  });
});
