import { BackendError, sizeOf } from '@od-vae/core';

/** The limits of a device that a program may meet. */
export type DeviceLimits = Pick<
  GPUSupportedLimits,
  'maxBufferSize' | 'maxStorageBufferBindingSize' | 'maxComputeWorkgroupsPerDimension'
>;

/**
 * Refuses a tensor that the device cannot hold in one buffer, of which TensorFlow.js would make zeros.
 *
 * @throws BackendError with what the tensor needs and what the device has.
 */
export function assertTensorFits(caller: string, limits: DeviceLimits, shape: readonly number[]): void {
  const bytes = 4 * sizeOf(shape);
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (bytes <= most) return;
  throw new BackendError(
    `${caller}: a tensor [${shape}] needs ${mebibytes(bytes)} in one buffer, but this GPU has at most ${mebibytes(most)}; ` +
      'smaller tiles (fewer frames or pixels at a time) need less.',
  );
}

/**
 * Workgroups as the device takes them: `count` of them spread over x and y, layers in z.
 *
 * @throws BackendError when there are more than the device takes.
 */
export function assertGroupsFit(
  caller: string,
  { maxComputeWorkgroupsPerDimension: most }: DeviceLimits,
  count: number,
  layers: number,
): [number, number, number] {
  const rows = Math.ceil(count / most);
  if (rows > most || layers > most) {
    throw new BackendError(
      `${caller}: ${count} x ${layers} workgroups are needed, but this GPU takes at most ${most} in each dimension; ` +
        'smaller tiles (fewer frames or pixels at a time) need less.',
    );
  }
  return [Math.ceil(count / rows), rows, layers];
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
