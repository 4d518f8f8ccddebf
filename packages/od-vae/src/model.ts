import { BackendError } from '@od-vae/core';
import type { SpatialUpsample } from '@od-vae/layers';
import { decodeSteps, encodeSteps, type OdVaeConfig, type OdVaeParams } from '@od-vae/models';
import type { SteppedClipFunction } from '@od-vae/tiling';
import { getBackend } from '@tensorflow/tfjs-core';

/** A loaded model: what it is and its weights. */
export interface Model {
  readonly config: OdVaeConfig;
  readonly params: OdVaeParams;
  readonly spatialUpsample: SpatialUpsample;
  /** Where the model came from: `small`, a path, an address. */
  readonly label: string;
  /** SHA-256 of its weights, whatever file they came from; undefined where it is not known. */
  readonly weightHash?: string | undefined;
}

/** The encoder as a stepped clip function; `onPart` hears what part of a tile is done. */
export function steppedEncoder({ config, params }: Model, onPart: TilePartListener): SteppedClipFunction {
  return (clip) => heard(encodeSteps(params, clip, config), clip.shape, onPart);
}

/** The decoder as a stepped clip function; `onPart` hears what part of a tile is done. */
export function steppedDecoder(
  { config, params, spatialUpsample }: Model,
  onPart: TilePartListener,
): SteppedClipFunction {
  return (latents) => heard(decodeSteps(params, latents, config, { spatialUpsample }), latents.shape, onPart);
}

/** Hears, step by step, how much more of a tile `[batch, time, height, width, channels]` has been computed. */
export type TilePartListener = (more: number, shape: readonly number[]) => void;

function* heard<Result>(
  steps: Generator<number, Result, undefined>,
  shape: readonly number[],
  onPart: TilePartListener,
): Generator<number, Result, undefined> {
  let done = 0;
  try {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      onPart(step.value - done, shape);
      done = step.value;
      yield done;
    }
  } catch (error) {
    const trapped = error instanceof WebAssembly.RuntimeError && getBackend() === 'wasm';
    throw trapped ? outOfMemory(shape, error) : error;
  } finally {
    steps.return(undefined as never);
  }
}

/** Inside a kernel of tfjs's wasm backend an allocation that fails ends in a trap instead of an error. */
function outOfMemory([, frames, height, width]: readonly number[], cause: Error): BackendError {
  return new BackendError(
    `wasm: ${frames} frames of ${width}x${height} at once did not fit into its memory of at most 4 GiB (${cause.message}); ` +
      `use fewer frames a tile (tileFrames), a smaller picture, or another backend.`,
    { cause },
  );
}
