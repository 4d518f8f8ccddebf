import type { Tiling } from '@od-vae/tiling';
import { backend, getBackend } from '@tensorflow/tfjs-core';

import type { TilingChoice } from './encode-frames.ts';
import type { VideoSize } from './memory-estimate.ts';
import { planTiling, type TilingPlan } from './memory-plan.ts';
import type { Model } from './model.ts';

/** Options of calls that choose how a video is cut. */
export interface PlanChoice extends TilingChoice {
  /**
   * Bytes that the process may use, this library and its models included. They choose the tiling, unless `tiling` does;
   * what cannot fit is refused before anything is computed. By default three quarters of the machine's memory.
   */
  memory?: number | undefined;
  /** Hears how the video is cut and what that needs, before anything is computed. */
  onPlan?: ((plan: TilingPlan) => void) | undefined;
}

/** The plan for a video of a size; {@link PlanChoice.onPlan} hears of it. */
export function planFor({ config }: Model, { tiling, memory, onPlan }: PlanChoice, size: VideoSize): TilingPlan {
  const plan = planTiling({ ...size, config, backend: getBackend(), tiling, memory, tensorBytes: largestBuffer() });
  onPlan?.(plan);
  return plan;
}

/** Bytes that the active backend's GPU holds in one buffer, if it has one that says so, as `webgpu` does. */
function largestBuffer(): number | undefined {
  const { device } = backend() as { device?: { readonly limits?: BufferLimits } };
  return device?.limits && Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
}

/** Of a `GPUDevice`. */
interface BufferLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}

/** Options whose tiling has been chosen. */
export type Planned<Options extends PlanChoice> = Options & { tiling: Tiling };
