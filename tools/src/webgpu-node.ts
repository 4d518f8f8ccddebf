import { BackendError } from '@od-vae/core';
import { findBackendFactory, registerBackend, removeBackend } from '@tensorflow/tfjs-core';

/** A WebGPU device of this machine, used from Node. */
export interface NodeWebgpu {
  /** The device as its driver names it. */
  readonly device: string;
  /** Throws the first error the device has reported, if there is one: tfjs computes on with zeros. */
  throwReported(): void;
}

/**
 * Registers tfjs's `webgpu` backend on this machine's Vulkan, Metal or Direct3D driver, through Dawn.
 *
 * On Linux, `VK_ICD_FILENAMES` names the driver; Chromium's SwiftShader needs no GPU.
 *
 * @throws BackendError when no driver answers.
 */
export async function registerNodeWebgpu(): Promise<NodeWebgpu> {
  const adapter = await findAdapter();
  const { description, vendor, architecture } = adapter.info;
  const device = await adapter.requestDevice({ requiredLimits: requiredLimits(adapter) });
  let reported: string | undefined;
  device.addEventListener('uncapturederror', ({ error }) => {
    reported ??= error.message;
  });
  void device.lost.then(({ reason, message }) => {
    if (reason !== 'destroyed') reported ??= `the device is lost: ${message}`;
  });
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  // tfjs ignores a second factory of the same name.
  if (findBackendFactory('webgpu')) removeBackend('webgpu');
  registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info), 3);
  return {
    device: [description || vendor, architecture].filter(Boolean).join(', '),
    throwReported: () => {
      if (reported !== undefined) throw new BackendError(`WebGPU reported an error: ${reported}`);
    },
  };
}

async function findAdapter(): Promise<GPUAdapter> {
  const dawn = await import('webgpu').catch((error: unknown) => {
    throw noDevice('the npm package "webgpu" does not load', error);
  });
  const gpu = dawn.create([]);
  offerAsBrowser(gpu, dawn.globals);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch((error: unknown) => {
    throw noDevice('the driver failed', error);
  });
  if (!adapter) {
    const driver = process.platform === 'linux' ? ' (libvulkan1, and a driver that VK_ICD_FILENAMES may name)' : '';
    throw noDevice(`there is no graphics driver that Dawn can use${driver}`);
  }
  return adapter;
}

/** tfjs looks for the constants (`GPUBufferUsage`, …) and `navigator.gpu` where browsers have them. */
function offerAsBrowser(gpu: GPU, constants: object): void {
  Object.assign(globalThis, constants);
  // Node 20 has no navigator.
  const [owner, key, value] = 'navigator' in globalThis ? [navigator, 'gpu', gpu] : [globalThis, 'navigator', { gpu }];
  Object.defineProperty(owner, key, { value, configurable: true });
}

function noDevice(why: string, cause?: unknown): BackendError {
  const detail = cause instanceof Error ? ` (${cause.message.split('\n')[0]})` : '';
  return new BackendError(`no WebGPU device answers here: ${why}${detail}.`, { cause });
}

/** What the device can, instead of the small default limits. */
function requiredLimits({ limits }: GPUAdapter): Record<string, number> {
  const {
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxComputeWorkgroupStorageSize,
    maxComputeWorkgroupsPerDimension,
    maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX,
    maxStorageBuffersPerShaderStage,
  } = limits;
  return {
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxComputeWorkgroupStorageSize,
    maxComputeWorkgroupsPerDimension,
    maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX,
    maxStorageBuffersPerShaderStage,
  };
}
