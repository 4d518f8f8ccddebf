import { ConfigError } from '@od-vae/core';

import { F4 } from '../code/winograd.ts';
import { channelPart } from '../pack-weights.ts';
import type { ConvolutionGeometry, ConvolutionTile } from './convolution-geometry.ts';
import { convolutionTiles, type TileOptions } from './convolution-tiles.ts';
import { type FilterLayout, filterLayout, winogradFilterLayout } from './filter-layout.ts';
import { frameRuns } from './frame-terms.ts';
import { winogradTiles } from './winograd-tiles.ts';

const STEP = F4.outputs;

/**
 * How close to float32 sums of all products the results are: `exact` sums them directly; `fast` may transform
 * convolutions (Winograd), whose rounding errors are a few times larger.
 */
export type Precision = 'fast' | 'exact';

/**
 * A precision by name.
 *
 * @throws ConfigError when there is none of this name.
 */
export function choosePrecision(wanted: string = 'fast'): Precision {
  if (wanted === 'fast' || wanted === 'exact') return wanted;
  throw new ConfigError(`simd: the precision must be "fast" or "exact", but is "${wanted}".`);
}

/** An algorithm and the jobs that it is cut into. */
export interface ConvolutionPlan {
  readonly task: 'directConvolution' | 'winogradConvolution';
  readonly tiles: readonly ConvolutionTile[];
}

/** Chooses the algorithm of a convolution. */
export function chooseConvolution(
  geometry: ConvolutionGeometry,
  precision: Precision,
  options: TileOptions,
): ConvolutionPlan {
  if (precision === 'fast' && winogradPays(geometry)) {
    return { task: 'winogradConvolution', tiles: winogradTiles(geometry, options) };
  }
  return { task: 'directConvolution', tiles: convolutionTiles(geometry, options) };
}

/** An algorithm for the gradient of a kernel and the jobs that it is cut into. */
export interface FilterPlan {
  readonly task: 'filterGradient' | 'winogradFilter';
  readonly layout: FilterLayout;
}

/** Patches below which the sums cost more than the products that they spare. */
const LEAST_PATCHES = 64;

/** Chooses the algorithm of a convolution's filter gradient. */
export function chooseFilterGradient(geometry: ConvolutionGeometry, precision: Precision): FilterPlan {
  const { batch, output, outChannels } = geometry;
  const patches = batch * output.time * Math.ceil(output.height / STEP) * Math.ceil(output.width / STEP);
  const pays = winogradPays(geometry) && outChannels >= CHANNELS && patches >= LEAST_PATCHES;
  if (precision === 'fast' && pays) return { task: 'winogradFilter', layout: winogradFilterLayout(geometry) };
  return { task: 'filterGradient', layout: filterLayout(geometry) };
}

/** Channels of two vectors, which the transforms may take at once. */
const JOINED = 8;
/** Input channels below which transforms cost more than the products that they save. */
const CHANNELS = 16;
/** Rows and columns below which most of a patch lies outside the image. */
const SIZE = STEP - 1;

function winogradPays(geometry: ConvolutionGeometry): boolean {
  const { kernel, strides, channels, output } = geometry;
  const square = kernel.height === 3 && kernel.width === 3;
  // Frames of a tile follow one another, in the input too.
  const dense = strides.time === 1 && strides.height === 1 && strides.width === 1;
  const small = output.height < SIZE || output.width < SIZE;
  if (!square || !dense || small || channels < CHANNELS || channelPart(channels) % JOINED !== 0) return false;
  return frameRuns(geometry, 0, output.time).every(({ terms }) => terms.length > 0);
}
