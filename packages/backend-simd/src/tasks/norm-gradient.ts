import { NORM_COEFFICIENTS } from '../code/norm-gradient.ts';
import type { Workspace } from '../workspace.ts';
import { type NormalizationLayout, readChunk } from './normalization.ts';

/** Numbers of each channel of each sample, `[batch, channels]`, by the names of the coefficients. */
type NormCoefficients = Readonly<Record<(typeof NORM_COEFFICIENTS)[number], Float32Array>>;

/** Inputs of {@link normSums}. */
export interface NormSumsArguments {
  readonly layout: NormalizationLayout;
  readonly activation: 'none' | 'silu';
  readonly coefficients: NormCoefficients;
  readonly x: Float32Array;
  readonly dy: Float32Array;
  /** `[batch, chunks, channels, 2]`: sums of the gradient before the activation, and of its products with the normed values. */
  readonly sums: Float32Array;
}

/** Over one chunk of a clip, what the gradients of scale, bias and statistics are made of. */
export function normSums(space: Workspace, call: NormSumsArguments, job: number): void {
  const { layout, activation, sums } = call;
  const { channels } = layout;
  const x = readChunk(space, layout, call.x, job);
  const dy = readChunk(space, layout, call.dy, job);
  const coefficients = writeCoefficients(space, call, x.columns, job);
  const results = space.take(x.columns * 2);
  const run = activation === 'silu' ? space.run.siluNormSums : space.run.normSums;
  run(x.data, dy.data, x.rows, x.columns / 4, coefficients, results);
  const to = job * channels * 2;
  sums.fill(0, to, to + channels * 2);
  for (let column = 0; column < x.columns; column++) {
    const at = results / 4 + Math.floor(column / 8) * 16 + (column % 8);
    const channel = to + (column % channels) * 2;
    sums[channel]! += space.floats[at]!;
    sums[channel + 1]! += space.floats[at + 8]!;
  }
}

/** Inputs of {@link normGradient}. */
export interface NormGradientArguments extends Omit<NormSumsArguments, 'sums'> {
  readonly dx: Float32Array;
}

/** Gradient of one chunk of a norm's input. */
export function normGradient(space: Workspace, call: NormGradientArguments, job: number): void {
  const x = readChunk(space, call.layout, call.x, job);
  const dy = readChunk(space, call.layout, call.dy, job);
  const coefficients = writeCoefficients(space, call, x.columns, job);
  const run = call.activation === 'silu' ? space.run.siluNormGradient : space.run.normGradient;
  run(x.data, dy.data, x.rows, x.columns / 4, coefficients);
  call.dx.set(space.floats.subarray(dy.data / 4, dy.data / 4 + dy.length), dy.begin);
}

/** Lays the coefficients of each column out as the kernels read them. */
function writeCoefficients(
  space: Workspace,
  { layout, coefficients }: Pick<NormSumsArguments, 'layout' | 'coefficients'>,
  columns: number,
  job: number,
): number {
  const address = space.take(columns * NORM_COEFFICIENTS.length);
  const from = Math.floor(job / layout.chunks) * layout.channels;
  NORM_COEFFICIENTS.forEach((name, index) => {
    for (let column = 0; column < columns; column++) {
      const at = (Math.floor(column / 8) * NORM_COEFFICIENTS.length + index) * 8 + (column % 8);
      space.floats[address / 4 + at] = coefficients[name][from + (column % layout.channels)]!;
    }
  });
  return address;
}
