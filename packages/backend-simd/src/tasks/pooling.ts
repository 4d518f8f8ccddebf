import type { Workspace } from '../workspace.ts';
import type { Extent } from './convolution-geometry.ts';

/** All sizes of a pooling of clips `[batch, time, height, width, channels]`. */
export interface PoolGeometry {
  readonly batch: number;
  readonly channels: number;
  readonly input: Extent;
  readonly output: Extent;
  readonly window: Extent;
  readonly strides: Extent;
  /** Places that the first window begins before the clip; what lies there is left out. */
  readonly before: Extent;
}

/** Inputs of {@link pool}. */
export interface PoolArguments {
  readonly geometry: PoolGeometry;
  readonly op: 'max' | 'mean';
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Inputs of {@link poolGradient}. */
export interface PoolGradientArguments {
  readonly geometry: PoolGeometry;
  readonly op: 'max' | 'mean';
  /** Only read for `max`, whose gradient goes to the first of the largest. */
  readonly x: Float32Array;
  readonly dy: Float32Array;
  /** Zero before. */
  readonly dx: Float32Array;
}

/** Jobs of a gradient, none of which sees a pixel of another: one for each output frame, or for each clip. */
export function poolGradientJobs(geometry: PoolGeometry): number {
  return geometry.batch * (framesMeet(geometry) ? 1 : geometry.output.time);
}

function framesMeet({ window, strides }: PoolGeometry): boolean {
  return window.time > strides.time;
}

/** Pools all windows of one output frame. */
export function pool(_space: Workspace, { geometry, op, x, y }: PoolArguments, job: number): void {
  const { channels, output } = geometry;
  const [batch, frame] = [Math.floor(job / output.time), job % output.time];
  forWindows(geometry, batch, frame, (at, places) => {
    const to = at * channels;
    places.forEach((place, index) => {
      const from = place * channels;
      if (index === 0) for (let i = 0; i < channels; i++) y[to + i] = x[from + i]!;
      else if (op === 'mean') for (let i = 0; i < channels; i++) y[to + i]! += x[from + i]!;
      else for (let i = 0; i < channels; i++) y[to + i] = Math.max(y[to + i]!, x[from + i]!);
    });
    if (op === 'mean') for (let i = 0; i < channels; i++) y[to + i]! /= places.length;
  });
}

/** Hands the gradients of all windows of one output frame, or of a clip whose frames share pixels, to what they saw. */
export function poolGradient(_space: Workspace, call: PoolGradientArguments, job: number): void {
  const { geometry, op, x, dy, dx } = call;
  const { channels, output } = geometry;
  const meet = framesMeet(geometry);
  const batch = meet ? job : Math.floor(job / output.time);
  const frames = meet ? [...Array(output.time).keys()] : [job % output.time];
  for (const frame of frames) {
    forWindows(geometry, batch, frame, (at, places) => {
      for (let channel = 0; channel < channels; channel++) {
        const gradient = dy[at * channels + channel]!;
        if (op === 'mean') for (const place of places) dx[place * channels + channel]! += gradient / places.length;
        else dx[largest(x, places, channels, channel)]! += gradient;
      }
    });
  }
}

function largest(x: Float32Array, places: readonly number[], channels: number, channel: number): number {
  let best = places[0]! * channels + channel;
  for (const place of places) {
    const at = place * channels + channel;
    if (x[at]! > x[best]!) best = at;
  }
  return best;
}

/** Calls `see` with each output pixel of a frame and the input pixels of its window, counted over the batch. */
function forWindows(
  geometry: PoolGeometry,
  batch: number,
  frame: number,
  see: (at: number, places: readonly number[]) => void,
): void {
  const { input, output, window, strides, before } = geometry;
  const range = (place: number, axis: keyof Extent): number[] => {
    const first = place * strides[axis] - before[axis];
    const begin = Math.max(0, first);
    return Array.from({ length: Math.min(input[axis], first + window[axis]) - begin }, (_, index) => begin + index);
  };
  const frames = range(frame, 'time');
  const columns = Array.from({ length: output.width }, (_, column) => range(column, 'width'));
  for (let row = 0; row < output.height; row++) {
    const lines = frames.flatMap((time) =>
      range(row, 'height').map((line) => ((batch * input.time + time) * input.height + line) * input.width),
    );
    for (let column = 0; column < output.width; column++) {
      const at = ((batch * output.time + frame) * output.height + row) * output.width + column;
      see(
        at,
        lines.flatMap((line) => columns[column]!.map((place) => line + place)),
      );
    }
  }
}
