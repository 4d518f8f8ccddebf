import type { TensorInfo } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import { chooseConvolution } from '../tasks/choose-convolution.ts';
import { type ConvolutionGeometry, panelCount } from '../tasks/convolution-geometry.ts';
import { type Phase, phasesOf } from '../tasks/phases.ts';
import { turnedLength } from '../tasks/turn-weights.ts';

/** What {@link convolveBack} computes with. */
export interface BackwardConvolution {
  /** Of the convolution, not of its gradient. */
  readonly geometry: ConvolutionGeometry;
  /** Its kernel, `[time, height, width, in, out]` whatever the tensor's rank. */
  readonly weight: TensorInfo;
  /** Gradient of its output. */
  readonly dy: Float32Array;
  /** Receives the gradient of its input: of the enlarged clip, where it enlarges. */
  readonly dx: Float32Array;
}

/**
 * Gradient of a convolution's input: a convolution of the output's gradient with the kernel turned around. Where the
 * convolution takes every second pixel, each phase of the pixels has a kernel of its own.
 */
export function convolveBack(backend: SimdBackend, { geometry, weight, dy, dx }: BackwardConvolution): void {
  const weights = backend.sharedValues(weight);
  const phases = phasesOf(geometry);
  if (geometry.strides.height === 1 && geometry.strides.width === 1)
    return runPhase(backend, geometry, { phase: phases[0]!, weights, dy, y: dx });
  dx.fill(0);
  for (const phase of phases) {
    const { time, height, width } = phase.geometry.output;
    const y = backend.arena.take(geometry.batch * time * height * width * geometry.channels);
    runPhase(backend, geometry, { phase, weights, dy, y });
    const { input, strides, channels, batch } = geometry;
    const layout = { frames: batch * input.time, input, strides, channels, row: phase.row, column: phase.column };
    backend.pool.run('spreadPixels', { layout, x: y, y: dx }, layout.frames);
    backend.arena.give(y);
  }
}

interface PhaseRun {
  readonly phase: Phase;
  readonly weights: Float32Array;
  readonly dy: Float32Array;
  readonly y: Float32Array;
}

function runPhase(backend: SimdBackend, forward: ConvolutionGeometry, { phase, weights, dy, y }: PhaseRun): void {
  const { geometry } = phase;
  const { kernel, outChannels } = geometry;
  const options = { blockColumns: backend.block.columns, threads: backend.pool.threads };
  const { task, tiles } = chooseConvolution(geometry, backend.precision, options);
  const covered = tiles.reduce((sum, { frames, rows, columns, panels }) => sum + frames * rows * columns * panels, 0);
  const { time, height, width } = geometry.output;
  const panels = panelCount(outChannels, backend.block.columns);
  // Frames that no output frame reads have no tile.
  if (covered < geometry.batch * time * height * width * panels) y.fill(0);
  const packed = backend.arena.take(turnedLength(phase, backend.block.columns));
  const taps = kernel.time * kernel.height * kernel.width;
  backend.pool.run('turnWeights', { geometry: forward, phase, weights, packed }, taps);
  const bias = new Float32Array(outChannels);
  backend.pool.run(task, { geometry, tiles, y, x: dy, weights: packed, bias }, tiles.length);
  backend.arena.give(packed);
}
