import { BackendError } from '@od-vae/core';

import { WebgpuBackend } from './webgpu-backend.ts';

/** Features that kernels use where a device has them. */
const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/** Limits that kernels and large tensors meet; a device has small default ones unless it is asked for its own. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
] as const;

/**
 * A backend on the GPU that the system prefers for computing.
 *
 * @param gpu a page's `navigator.gpu`, or Dawn's
 * @throws BackendError when no GPU answers.
 */
export async function startBackend(gpu: GPU | undefined): Promise<WebgpuBackend> {
  if (!gpu) throw new BackendError('webgpu: there is no WebGPU here; a page needs a browser that has it, and https.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new BackendError('webgpu: no GPU answers; its driver is missing, too old or blocked.');
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  return new WebgpuBackend(device, adapter.info);
}
