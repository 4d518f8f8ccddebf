import type { Tensor5D } from '@tensorflow/tfjs-core';

/**
 * A function of a clip `[batch, time, height, width, channels]`: an encoder, a decoder, or either of them tiled.
 *
 * It borrows the clip and gives one fresh tensor.
 */
export type ClipFunction = (clip: Tensor5D) => Tensor5D;

/**
 * A clip function that pauses between its layers, so that a long call lets other work run and can be ended.
 *
 * Ended early, it frees what it holds; what it yields is its own business.
 */
export type SteppedClipFunction = (clip: Tensor5D) => Generator<unknown, Tensor5D, undefined>;
