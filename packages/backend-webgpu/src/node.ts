// Brings Dawn, so that `webgpu` runs in Node: on Vulkan, Metal or Direct3D.
import { diagnoseGpus, type WebgpuReport } from './diagnose.ts';
import { dawnGpus } from './node/dawn-gpus.ts';
import { registerWebgpu } from './register.ts';

export type { WebgpuReport } from './diagnose.ts';
export { WebgpuBackend } from './webgpu-backend.ts';

/** Whether Node has a GPU for the backend, and what is missing where it has not: npm package, Vulkan, driver. Never throws. */
export function diagnose(): Promise<WebgpuReport> {
  return diagnoseGpus(dawnGpus);
}

registerWebgpu(dawnGpus);
