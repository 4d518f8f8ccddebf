import '@od-vae/layers';
import { BackendError } from '@od-vae/core';
import { useLeakGuard } from '@od-vae/test-utils';
import { engine, memory, square, tensor1d, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

import { browserGpus } from './gpu-place.ts';
import { requestDevice } from './request-device.ts';
import { WebgpuBackend } from './webgpu-backend.ts';
import { describeWebgpu, noise, runOnWebgpu, webgpu } from '../fixtures/webgpu.ts';

describeWebgpu('WebgpuBackend', () => {
  useLeakGuard();

  it('runs the ops of TensorFlow.js', async () => {
    const x = tensor1d([1, 2, 3]);
    const y = square(x);
    expect([...(await y.data())]).toEqual([1, 4, 9]);
    for (const one of [x, y]) one.dispose();
  });

  it('refuses a tensor that its buffers cannot hold, before anything runs', () => {
    const { limits } = webgpu().device;
    const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize) / 4;
    const before = webgpu().dispatches;
    const side = Math.ceil(Math.sqrt(most / 4));
    const [small, weight, bias] = [zeros([1]), zeros([1, 1, 1, 4, 8]), zeros([8])];
    const x = Object.create(small, { shape: { value: [1, 1, side, side, 4] } }) as Tensor;
    const run = () =>
      engine().runKernel('CausalConv3D', { x, weight, bias }, { strides: [1, 1, 1], border: 'around' } as never);
    expect(run).toThrow(BackendError);
    expect(run).toThrow(
      /causalConv3d: a tensor \[1,1,\d+,\d+,8\] needs \d+ MiB in one buffer, but this GPU has at most/,
    );
    expect(webgpu().dispatches).toBe(before);
    for (const one of [small, weight, bias]) one.dispose();
  });

  it('throws at the next read what the device reports, once', async () => {
    const { device } = webgpu();
    device.createBuffer({ size: 16, usage: 0xffff });
    await device.queue.onSubmittedWorkDone();
    const x = tidy(() => square(tensor1d([2])));
    await expect(x.data()).rejects.toThrow(BackendError);
    expect([...(await x.data())]).toEqual([4]);
    x.dispose();
  });

  it('says at every read that the device is lost', async () => {
    const inNode = typeof window === 'undefined';
    const place = inNode ? (await import('./node/dawn-gpus.ts')).dawnGpus : browserGpus;
    const own = new WebgpuBackend(await requestDevice(place));
    const { dataId } = own.makeTensorInfo([1], 'float32', Float32Array.of(1));
    own.uploadToGPU(dataId);
    own.device.destroy();
    for (let read = 0; read < 2; read++) await expect(own.read(dataId)).rejects.toThrow('webgpu: the device is lost: ');
    expect(own.isLost).toBe(true);
  });

  it('holds no more after many rounds than after few', async () => {
    const inputs = { x: noise('x', [1, 2, 6, 6, 4]), weight: noise('w', [1, 3, 3, 4, 4]), bias: noise('b', [4]) };
    const attrs = { strides: [1, 1, 1], border: 'around' };
    await runOnWebgpu('CausalConv3D', inputs, attrs);
    const before = memory();
    for (let round = 0; round < 10; round++) await runOnWebgpu('CausalConv3D', inputs, attrs);
    expect(memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
    expect(memory()).toMatchObject({ numBytesAllocatedInGPU: (before as never)['numBytesAllocatedInGPU'] });
  });
});
