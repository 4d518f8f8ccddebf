import { BackendError } from '@od-vae/core';

import type { GpuPlace } from './gpu-place.ts';

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
 * The GPU that the system prefers for computing, with all limits and features of use to kernels.
 *
 * @throws BackendError, with what is missing, when no GPU answers.
 */
export async function requestDevice(place: GpuPlace): Promise<GPUDevice> {
  const gpu = await place.find();
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new BackendError(`webgpu: no GPU answers here: ${place.advice()}.`);
  return adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
}
