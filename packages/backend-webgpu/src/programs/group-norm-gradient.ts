import type { GpuProgram } from '../gpu-program.ts';
import { type Activation, channelPairs, type NormLayout, pairTotal, TOTALLED } from './group-norm.ts';
import { clipType, vectorType } from './vector-type.ts';

const THREADS = 256;

/** `slopeOf(value, dy)`: the gradient before the activation. */
function slopeCode(activation: Activation, type: string): string {
  if (activation === 'none') return `fn slopeOf(value: ${type}, dy: ${type}) -> ${type} { return dy; }`;
  return `fn slopeOf(value: ${type}, dy: ${type}) -> ${type} {
  let gate = 1.0 / (1.0 + exp(-value));
  return dy * gate * (1.0 + value * (1.0 - gate));
}`;
}

/**
 * First stage: for each part of each sample, by channel, the sum of the gradients before the activation and that of their
 * products with what the channel differs from its first value.
 */
export function slopeSumsProgram({ full, threads }: NormLayout, activation: Activation, half: boolean): GpuProgram {
  const type = vectorType(full);
  return {
    name: 'groupNormSlopes',
    variant: `${type} ${activation} ${threads}`,
    reads: [{ name: 'x', type: clipType(full, half) }, ...['dy', 'scales'].map((name) => ({ name, type }))],
    writes: [{ name: 'sums', type }],
    sizes: ['pixels', 'columns', 'chunks', 'chunkPixels'],
    threads,
    code: () =>
      slopeCode(activation, type) +
      channelPairs(threads, type, {
        begin: `let gain = scales[2 * sample * sizes.columns + column];
    let shift = scales[(2 * sample + 1) * sizes.columns + column];`,
        add: `let value = ${type}(x[at]);
      let slope = slopeOf(fma(value, gain, shift), dy[at]);
      sums0 += slope;
      sums1 += slope * (value - pivot);`,
      }),
  };
}

/**
 * Second stage, for each group of each sample: the gradients of scale and bias, `affine` `[batch, 2, channels]`, and `terms`
 * `[batch, 3, channels]`: what a distance from the mean is multiplied by in the gradient of a value, what is added then, and
 * the mean.
 */
export function slopeTermsProgram(half: boolean, subgroups: boolean): GpuProgram {
  return {
    name: 'groupNormTerms',
    variant: String(subgroups),
    reads: [
      { name: 'x', type: half ? 'f16' : 'f32' },
      ...['sums', 'scale', 'moments'].map((name) => ({ name, type: 'f32' as const })),
    ],
    writes: ['affine', 'terms'].map((name) => ({ name, type: 'f32' })),
    sizes: ['pixels', 'channels', 'chunks', 'normGroups'],
    subgroups,
    threads: TOTALLED,
    code: () => `
var<workgroup> found: vec2<f32>;
${pairTotal(subgroups)}
fn run(group: i32, layer: i32, thread: i32) {
  let sample = group / sizes.normGroups;
  let alike = sizes.channels / sizes.normGroups;
  let first = (group % sizes.normGroups) * alike;
  let mean = moments[2 * group];
  let inverse = moments[2 * group + 1];
  var total = vec2<f32>();
  for (var index = 0; index < alike; index++) {
    let channel = first + index;
    let sum = pairOf(sample, channel, thread);
    if (thread == 0) {
      let pivot = f32(x[sample * sizes.pixels * sizes.channels + channel]);
      let slopes = sum.x;
      let products = inverse * (sum.y + (pivot - mean) * slopes);
      let at = 2 * sample * sizes.channels + channel;
      affine[at] = products;
      affine[at + sizes.channels] = slopes;
      total += scale[channel] * vec2<f32>(slopes, products);
    }
    workgroupBarrier();
  }
  if (thread == 0) { found = total * inverse / (f32(sizes.pixels) * f32(alike)); }
  workgroupBarrier();
  for (var index = thread; index < alike; index += ${TOTALLED}) {
    let at = 3 * sample * sizes.channels + first + index;
    terms[at] = -inverse * found.y;
    terms[at + sizes.channels] = -found.x;
    terms[at + 2 * sizes.channels] = mean;
  }
}`,
  };
}

/** Values (of whatever width) that a workgroup of the last stage writes. */
export const SLOPES_TOGETHER = THREADS;

/** Last stage: the gradient of the clip. */
export function clipSlopesProgram(full: boolean, activation: Activation, half: boolean): GpuProgram {
  const type = vectorType(full);
  return {
    name: 'groupNormGradient',
    variant: `${type} ${activation}`,
    reads: [{ name: 'x', type: clipType(full, half) }, ...['dy', 'scales', 'terms'].map((name) => ({ name, type }))],
    writes: [{ name: 'dx', type }],
    sizes: ['pixels', 'columns', 'total'],
    threads: THREADS,
    code: () => `${slopeCode(activation, type)}
fn run(group: i32, layer: i32, thread: i32) {
  let at = group * ${THREADS} + thread;
  if (at >= sizes.total) { return; }
  let pixel = at / sizes.columns;
  let sample = pixel / sizes.pixels;
  let column = at - pixel * sizes.columns;
  let gain = scales[2 * sample * sizes.columns + column];
  let value = ${type}(x[at]);
  let slope = slopeOf(fma(value, gain, scales[(2 * sample + 1) * sizes.columns + column]), dy[at]);
  let term = 3 * sample * sizes.columns + column;
  let apart = value - terms[term + 2 * sizes.columns];
  dx[at] = fma(gain, slope, fma(terms[term], apart, terms[term + sizes.columns]));
}`,
  };
}
