import type { TensorInfo } from '@tensorflow/tfjs-core';

import type { PixelSource } from '../programs/convolution.ts';
import {
  clipSource,
  enlargedSource,
  type Enlargement,
  enlargementSizes,
  scaledSource,
} from '../programs/pixel-source.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';

/** How a program reads a clip, in whatever form that is at hand. */
export interface ClipReading {
  readonly source: PixelSource;
  /** What the source reads. */
  readonly tensors: readonly TensorInfo[];
  /** Sizes of the source beside the convolution's. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** A clip's values; where it is a norm that nobody has computed yet, they are computed now. */
export function clipReading(backend: WebgpuBackend, x: TensorInfo): ClipReading {
  const { tensor, half } = backend.stored(x);
  return { source: clipSource(comesInFours(x), half), tensors: [tensor], sizes: {} };
}

/** What a norm comes from, scaled while it is read; undefined where the clip is none, or is computed already. */
export function normReading(backend: WebgpuBackend, x: TensorInfo): ClipReading | undefined {
  const deferred = backend.deferredScale(x);
  if (!deferred || deferred.source.shape.at(-1) !== x.shape.at(-1) || !comesInFours(x)) return undefined;
  const { scales, activation, pixels } = deferred;
  const { tensor, half } = backend.stored(deferred.source);
  return { source: scaledSource(activation, half), tensors: [tensor, scales], sizes: { samplePixels: pixels } };
}

/** The values of a clip that is enlarged while it is read. */
export function enlargedReading(backend: WebgpuBackend, x: TensorInfo, enlargement: Enlargement): ClipReading {
  const { tensor, half } = backend.stored(x);
  const sizes = enlargementSizes(enlargement, x.shape[1]!);
  return { source: enlargedSource(comesInFours(x), half), tensors: [tensor], sizes };
}

function comesInFours({ shape }: TensorInfo): boolean {
  return shape.at(-1)! % 4 === 0;
}
