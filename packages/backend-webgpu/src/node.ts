// Brings Dawn, so that `webgpu` runs in Node: on Vulkan, Metal or Direct3D.
import { dawnGpu } from './node/dawn-gpu.ts';
import { registerWebgpu } from './register.ts';

export { WebgpuBackend } from './webgpu-backend.ts';

registerWebgpu(dawnGpu);
