import { CheckpointError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import * as build from '../fixtures/build-torch-archive.ts';
import { blobSource } from './byte-source.ts';
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
      'a dict filled while it is made',
      [...build.global('collections', 'OrderedDict'), ...build.tuple([0x5d]), 0x52],
      'an OrderedDict while making it',
    ],
  ])('refuses %s', async (_, value, message) => {
    const source = blobSource(await build.torchArchive(value));
    await expect(readTorch(source)).rejects.toThrow(CheckpointError);
    await expect(readTorch(source)).rejects.toThrow(message);
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
