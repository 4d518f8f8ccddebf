import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { blobSource } from './byte-source.ts';
import type { DType } from './dtype.ts';
import { encodeSafetensors, safetensorsChunks } from './encode-safetensors.ts';
import { readSafetensors } from './read-safetensors.ts';
import { storedTensor, type WritableTensor } from './stored-tensor.ts';

const checkpoints = new URL('../fixtures/checkpoints/', import.meta.url);

function small(name: string, dtype: DType, shape: readonly number[], bytes: Uint8Array): WritableTensor {
  return storedTensor({ name, dtype, shape, bytes: async () => bytes });
}

describe('encodeSafetensors', () => {
  it.each([
    'sd-diffusers.safetensors',
    'sd-diffusers-old-f16.safetensors',
    'sharded/diffusion_pytorch_model-00001-of-00002.safetensors',
    'sharded/diffusion_pytorch_model-00002-of-00002.safetensors',
  ])('writes %s as Python did, byte for byte, in whatever order the tensors come', async (name) => {
    const original = await readFile(new URL(name, checkpoints));
    const { tensors, metadata } = await readSafetensors(blobSource(new Blob([original])));
    const written = await encodeSafetensors([...tensors.values()].toReversed(), { metadata });
    expect(Buffer.compare(original, written)).toBe(0);
  });

  it('gives back every type, name and value', async () => {
    const tensors = [
      small('é\n"', 'BOOL', [3], Uint8Array.of(1, 0, 1)),
      small('😀', 'I64', [1], new Uint8Array(8).fill(255)),
      small('\uffee', 'I64', [1], new Uint8Array(8).fill(7)),
      small('empty', 'F32', [2, 0], new Uint8Array(0)),
      small('scalar', 'F16', [], Uint8Array.of(0, 0x3c)),
      small('b', 'U16', [1], Uint8Array.of(1, 2)),
    ];
    const file = await encodeSafetensors(tensors, { metadata: { note: 'a "b"' } });
    const back = await readSafetensors(blobSource(new Blob([file])));
    expect(back.metadata).toEqual({ note: 'a "b"' });
    expect([...back.tensors.keys()]).toEqual(['\uffee', '😀', 'empty', 'scalar', 'b', 'é\n"']);
    for (const { name, dtype, shape, bytes } of tensors) {
      expect(back.tensors.get(name)).toMatchObject({ name, dtype, shape });
      expect(await back.tensors.get(name)!.bytes()).toEqual(await bytes());
    }
    expect(new DataView(file.buffer).getUint32(0, true) % 8).toBe(0);
  });

  it('refuses a name used twice, and the name of the metadata', async () => {
    const tensor = small('a', 'U8', [1], Uint8Array.of(1));
    await expect(encodeSafetensors([tensor, tensor])).rejects.toThrow('cannot hold "a" twice');
    await expect(encodeSafetensors([{ ...tensor, name: '__metadata__' }])).rejects.toThrow('__metadata__');
  });

  it('refuses a tensor that gives another number of bytes than its shape needs', async () => {
    const tensor = small('a', 'F32', [2], new Uint8Array(4));
    await expect(encodeSafetensors([tensor])).rejects.toThrow('"a" [2] in F32 needs 8 bytes, but gave 4.');
  });
});

describe('safetensorsChunks', () => {
  it('asks for one tensor at a time and tells how far it is', async () => {
    const log: string[] = [];
    const tensors = ['a', 'b'].map((name) =>
      storedTensor({
        name,
        dtype: 'U8',
        shape: [4],
        bytes: async () => {
          log.push(name);
          return new Uint8Array(4);
        },
      }),
    );
    const chunks = safetensorsChunks(tensors, {
      onProgress: ({ phase, done, total }) => log.push(`${phase} ${total! - done}`),
    });
    for await (const chunk of chunks) log.push(`${chunk.length}`);
    expect(log.slice(1)).toEqual(['a', '4', 'write 4', 'b', '4', 'write 0']);
  });

  it('takes a tensor piece by piece, and refuses pieces that are too few or too many', async () => {
    const inPieces = (...lengths: number[]): WritableTensor => ({
      ...small('a', 'U8', [4], new Uint8Array()),
      async *pieces() {
        for (const length of lengths) yield new Uint8Array(length).fill(length);
      },
    });
    const chunks: number[][] = [];
    for await (const chunk of safetensorsChunks([inPieces(1, 3)])) chunks.push([...chunk]);
    expect(chunks.slice(1)).toEqual([[1], [3, 3, 3]]);
    for (const [lengths, given] of [
      [[1, 2], 3],
      [[4, 1], 5],
      [[], 0],
    ] as const) {
      await expect(encodeSafetensors([inPieces(...lengths)])).rejects.toThrow(
        `"a" [4] in U8 needs 4 bytes, but gave ${given}.`,
      );
    }
  });

  it('names what a tensor lacks, rather than its shape', async () => {
    const lacking = (part: string) =>
      ({ ...small('a', 'U8', [1], new Uint8Array(1)), [part]: undefined }) as WritableTensor;
    await expect(encodeSafetensors([lacking('dtype')])).rejects.toThrow(
      'The dtype of "a" must be a type of safetensors',
    );
    await expect(encodeSafetensors([lacking('bytes')])).rejects.toThrow('"a" must have a function bytes()');
  });

  it('stops between two pieces when it is aborted', async () => {
    const controller = new AbortController();
    const endless: WritableTensor = {
      ...small('a', 'U8', [1000], new Uint8Array()),
      async *pieces() {
        for (;;) yield new Uint8Array(1);
      },
    };
    const chunks = safetensorsChunks([endless], { signal: controller.signal });
    await chunks.next();
    await chunks.next();
    controller.abort(new Error('enough'));
    await expect(chunks.next()).rejects.toThrow('enough');
  });
});
