import { type Checkpoint, openCheckpoint } from '@od-vae/weights';
import { describe, expect, it } from 'vitest';

import expected from '../../weights/fixtures/checkpoints/expected.json' with { type: 'json' };
import { fetchBlob } from './fetch-bytes.ts';

const SAFETENSORS = new URL('../../weights/fixtures/checkpoints/sd-diffusers-old-f16.safetensors', import.meta.url);
const TORCH = new URL('../../weights/fixtures/checkpoints/plain-bf16.pt', import.meta.url);
const TRAINING = new URL('../../weights/fixtures/checkpoints/osp-no-ema.ckpt', import.meta.url);
const HOSTILE = new URL('../../weights/fixtures/checkpoints/hostile-os-system.ckpt', import.meta.url);

/** Shape and digest of the float32 values of every tensor. */
async function digests({ tensors }: Checkpoint): Promise<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [name, tensor] of tensors) {
    const values = Uint8Array.from(new Uint8Array((await tensor.float32()).slice().buffer));
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', values));
    const hex = Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
    result[name] = [tensor.shape, hex.join('')];
  }
  return result;
}

describe('openCheckpoint in a browser', () => {
  it.each([
    ['a Blob', fetchBlob],
    ['an address', async (url: URL) => url],
  ])('reads the zip archives of PyTorch from %s', async (_, place) => {
    await using checkpoint = await openCheckpoint(await place(TORCH));
    expect(checkpoint).toMatchObject({ format: 'torch', family: 'open-sora-plan' });
    expect(await digests(checkpoint)).toEqual(expected.ema_bf16);
  });

  it('finds the weights in a training checkpoint, and the config beside it', async () => {
    await using checkpoint = await openCheckpoint(TRAINING.href);
    expect(checkpoint).toMatchObject({ part: 'state_dict.gen_model', config: { hidden_size: 32 } });
    expect([...checkpoint.tensors.keys()].toSorted()).toEqual(Object.keys(expected.raw).toSorted());
  });

  it.each([
    ['a Blob', fetchBlob],
    ['an address', async (url: URL) => url],
  ])('reads safetensors from %s', async (_, place) => {
    await using checkpoint = await openCheckpoint(await place(SAFETENSORS));
    expect(checkpoint).toMatchObject({ format: 'safetensors', family: 'diffusers' });
    const tensor = checkpoint.tensors.get('encoder.conv_in.weight')!;
    expect(tensor).toMatchObject({ dtype: 'F16', shape: [32, 3, 3, 3] });
    expect(await tensor.float32()).toHaveLength(32 * 27);
  });

  it('runs nothing of a hostile pickle', async () => {
    await expect(openCheckpoint(await fetchBlob(HOSTILE))).rejects.toThrow('system');
  });

  it('says that a server has no such file', async () => {
    const missing = new URL('no-such-file.safetensors', SAFETENSORS);
    await expect(openCheckpoint(missing)).rejects.toThrow(`The server has no file at ${missing.href}`);
  });
});
