import type { Tensor5D } from '@tensorflow/tfjs-core';

/**
 * A function of a clip `[batch, time, height, width, channels]`: an encoder, a decoder, or either of them tiled.
 *
 * It borrows the clip and gives one fresh tensor.
 */
export type ClipFunction = (clip: Tensor5D) => Tensor5D;
