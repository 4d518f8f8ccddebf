import type { GpuProgram } from '../gpu-program.ts';
import type { TileDevice } from './matrix-tile.ts';
import { clipType, vectorType } from './vector-type.ts';

/** Invocations of a workgroup. */
const THREADS = 256;
/** And where a thread costs much to start. */
const FEW_THREADS = 32;

/** How the sums of a group norm are cut into workgroups. */
export interface NormLayout {
  readonly batch: number;
  readonly pixels: number;
  readonly channels: number;
  /** Channels, in fours where they come in fours. */
  readonly columns: number;
  readonly full: boolean;
  /** Invocations of a workgroup that adds up. */
  readonly threads: number;
  /** Parts that the pixels of a sample fall into, each with sums of its own. */
  readonly chunks: number;
  readonly chunkPixels: number;
}

/** Pixels that one thread adds up at least. */
const LEAST = 16;
/** Parts of a sample at most: enough for any GPU, few enough to add them up at once. */
const MOST_CHUNKS = 1024;

/** Cuts `[batch, time, height, width, channels]`. */
export function normLayout(shape: readonly number[], { fewThreads }: Pick<TileDevice, 'fewThreads'>): NormLayout {
  const [batch, time, height, width, channels] = shape as [number, number, number, number, number];
  const pixels = time * height * width;
  const full = channels % 4 === 0;
  const columns = full ? channels / 4 : channels;
  const threads = fewThreads ? FEW_THREADS : THREADS;
  const together = Math.max(1, Math.floor(THREADS / columns));
  const chunks = Math.min(MOST_CHUNKS, Math.ceil(pixels / (LEAST * together)));
  return { batch, pixels, channels, columns, full, threads, chunks, chunkPixels: Math.ceil(pixels / chunks) };
}

/**
 * First stage: for each part of each sample, sums and sums of squares by channel, both of what a channel differs from its
 * first value in the sample, so that large means cost no digits.
 */
export function channelSumsProgram({ full, threads }: NormLayout, half?: boolean): GpuProgram {
  const type = vectorType(full);
  return {
    name: 'groupNormSums',
    variant: `${type} ${threads}`,
    reads: [{ name: 'x', type: clipType(full, half) }],
    writes: [{ name: 'sums', type }],
    sizes: ['pixels', 'columns', 'chunks', 'chunkPixels'],
    threads,
    code: () =>
      channelPairs(threads, type, {
        begin: '',
        add: `let value = ${type}(x[at]) - pivot;
      sums0 += value;
      sums1 += value * value;`,
      }),
  };
}

/**
 * `run` of a program that adds up two values by channel for each part of each sample: `add`, with the index `at` of a clip's value
 * and the channel's first, `pivot`, adds to `sums0` and `sums1`, after `begin` once for each channel.
 */
export function channelPairs(
  threads: number,
  type: ReturnType<typeof vectorType>,
  { begin, add }: { readonly begin: string; readonly add: string },
): string {
  return `
var<workgroup> parts0: array<${type}, ${threads}>;
var<workgroup> parts1: array<${type}, ${threads}>;
fn run(group: i32, layer: i32, thread: i32) {
  let sample = group / sizes.chunks;
  let first = (group % sizes.chunks) * sizes.chunkPixels;
  let last = min(first + sizes.chunkPixels, sizes.pixels);
  let wide = min(sizes.columns, ${threads});
  let together = ${threads} / wide;
  let column = layer * ${threads} + thread % wide;
  var sums0 = ${type}();
  var sums1 = ${type}();
  if (thread < together * wide && column < sizes.columns) {
    let start = sample * sizes.pixels;
    let pivot = ${type}(x[start * sizes.columns + column]);
    ${begin}
    for (var pixel = first + thread / wide; pixel < last; pixel += together) {
      let at = (start + pixel) * sizes.columns + column;
      ${add}
    }
  }
  parts0[thread] = sums0;
  parts1[thread] = sums1;
  workgroupBarrier();
  if (thread < wide && column < sizes.columns) {
    for (var row = 1; row < together; row++) {
      sums0 += parts0[row * wide + thread];
      sums1 += parts1[row * wide + thread];
    }
    sums[2 * group * sizes.columns + column] = sums0;
    sums[(2 * group + 1) * sizes.columns + column] = sums1;
  }
}`;
}

/**
 * Second stage: mean and inverse deviation of each group of each sample, `moments`, and from them what each channel is
 * multiplied by and what is added then: `scales` is `[batch, 2, channels]`.
 */
export function channelScalesProgram(half: boolean, subgroups: boolean): GpuProgram {
  return {
    name: 'groupNormScales',
    variant: String(subgroups),
    reads: [
      { name: 'x', type: half ? 'f16' : 'f32' },
      ...['sums', 'scale', 'bias'].map((name) => ({ name, type: 'f32' as const })),
    ],
    writes: [
      { name: 'scales', type: 'f32' },
      { name: 'moments', type: 'f32' },
    ],
    sizes: ['pixels', 'channels', 'chunks', 'normGroups'],
    floats: ['epsilon'],
    subgroups,
    threads: TOTALLED,
    code: () => `
var<workgroup> found: vec2<f32>;
${pairTotal(subgroups)}
fn run(group: i32, layer: i32, thread: i32) {
  let sample = group / sizes.normGroups;
  let alike = sizes.channels / sizes.normGroups;
  let first = (group % sizes.normGroups) * alike;
  let count = f32(sizes.pixels);
  var mean = 0.0;
  var spread = 0.0;
  for (var index = 0; index < alike; index++) {
    let channel = first + index;
    let total = pairOf(sample, channel, thread);
    if (thread == 0) {
      let own = f32(x[sample * sizes.pixels * sizes.channels + channel]) + total.x / count;
      let apart = own - mean;
      let before = f32(index);
      spread += max(0.0, total.y - total.x * total.x / count) + apart * apart * count * before / (before + 1.0);
      mean += apart / (before + 1.0);
    }
    workgroupBarrier();
  }
  if (thread == 0) {
    found = vec2<f32>(mean, inverseSqrt(spread / (count * f32(alike)) + sizes.epsilon));
    moments[2 * group] = found.x;
    moments[2 * group + 1] = found.y;
  }
  workgroupBarrier();
  for (var index = thread; index < alike; index += ${TOTALLED}) {
    let channel = first + index;
    let gain = scale[channel] * found.y;
    let at = 2 * sample * sizes.channels + channel;
    scales[at] = gain;
    scales[at + sizes.channels] = bias[channel] - found.x * gain;
  }
}`,
  };
}

/** Threads of a workgroup that adds up parts of a group. */
export const TOTALLED = 64;

/** `pairOf(sample, channel, thread)`: both sums of a channel, of all parts of a sample, for the first thread of a workgroup. */
export function pairTotal(subgroups: boolean): string {
  return `var<workgroup> parts: array<vec2<f32>, ${TOTALLED}>;
${subgroups ? SUBGROUP_TOTAL : TOTAL}
fn pairOf(sample: i32, channel: i32, thread: i32) -> vec2<f32> {
  var part = vec2<f32>();
  for (var chunk = thread; chunk < sizes.chunks; chunk += ${TOTALLED}) {
    let at = 2 * (sample * sizes.chunks + chunk) * sizes.channels + channel;
    part += vec2<f32>(sums[at], sums[at + sizes.channels]);
  }
  return totalOf(part, thread);
}`;
}

/** What the parts of all threads of a workgroup add up to, for the first thread. */
const TOTAL = `fn totalOf(part: vec2<f32>, thread: i32) -> vec2<f32> {
  parts[thread] = part;
  for (var half = ${TOTALLED / 2}; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) { parts[thread] += parts[thread + half]; }
  }
  workgroupBarrier();
  return parts[0];
}`;

/** The same, where threads that run together add up their parts without the workgroup's memory. */
const SUBGROUP_TOTAL = `fn totalOf(part: vec2<f32>, thread: i32) -> vec2<f32> {
  let together = subgroupAdd(part);
  if (subgroupElect()) { parts[subgroup] = together; }
  workgroupBarrier();
  var total = parts[0];
  for (var other = 1u; other < subgroups; other++) { total += parts[other]; }
  return total;
}`;

/** What follows a norm. */
export type Activation = 'none' | 'silu';

/** `activated(value)` in WGSL. */
export function activationCode(activation: Activation, type: string): string {
  const value = activation === 'silu' ? 'value / (1.0 + exp(-value))' : 'value';
  return `fn activated(value: ${type}) -> ${type} { return ${value}; }`;
}

/** Last stage: each channel multiplied, shifted and activated. */
export function applyScalesProgram(full: boolean, activation: Activation, half?: boolean): GpuProgram {
  const type = vectorType(full);
  return {
    name: 'groupNormApply',
    variant: `${type} ${activation}`,
    reads: [
      { name: 'x', type: clipType(full, half) },
      { name: 'scales', type },
    ],
    writes: [{ name: 'y', type }],
    sizes: ['pixels', 'columns', 'total'],
    threads: THREADS,
    code: () => `${activationCode(activation, type)}
fn run(group: i32, layer: i32, thread: i32) {
  for (var part = 0; part < ${APPLIED}; part++) {
    let at = (group * ${APPLIED} + part) * ${THREADS} + thread;
    if (at < sizes.total) {
      let pixel = at / sizes.columns;
      let first = 2 * (pixel / sizes.pixels) * sizes.columns + at - pixel * sizes.columns;
      y[at] = activated(fma(${type}(x[at]), scales[first], scales[first + sizes.columns]));
    }
  }
}`,
  };
}

const APPLIED = 4;

/** Values (of whatever width) that a workgroup of the last stage writes. */
export const APPLIED_TOGETHER = APPLIED * THREADS;
