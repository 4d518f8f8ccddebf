import type { ParamSpec } from './params.ts';

/** The shape of a weight in PyTorch's files: a kernel is `[out, in, time, height, width]`, or `[out, in, height, width]`. */
export function storedShape({ shape, layout }: ParamSpec): number[] {
  if (layout === 'plain') return [...shape];
  const [time, height, width, inChannels, outChannels] = shape as [number, number, number, number, number];
  const area = layout === 'conv3d' ? [time, height, width] : [height, width];
  return [outChannels, inChannels, ...area];
}

/** A weight's values from PyTorch's layout, channels first, to ours, channels last. */
export function fromStored(values: Float32Array, spec: ParamSpec): Float32Array {
  return relaid(values, spec, (result, ours, theirs) => {
    result[ours] = values[theirs]!;
  });
}

/** A weight's values from our layout to PyTorch's. */
export function toStored(values: Float32Array, spec: ParamSpec): Float32Array {
  return relaid(values, spec, (result, ours, theirs) => {
    result[theirs] = values[ours]!;
  });
}

/** Visits a kernel value by value with its place in both layouts. */
function relaid(
  values: Float32Array,
  { shape, layout }: ParamSpec,
  copy: (result: Float32Array, ours: number, theirs: number) => void,
): Float32Array {
  if (layout === 'plain') return values;
  const [inChannels, outChannels] = shape.slice(-2) as [number, number];
  const taps = values.length / (inChannels * outChannels);
  const result = new Float32Array(values.length);
  for (let out = 0, theirs = 0; out < outChannels; out++) {
    for (let channel = 0; channel < inChannels; channel++) {
      for (let tap = 0; tap < taps; tap++, theirs++) {
        copy(result, (tap * inChannels + channel) * outChannels + out, theirs);
      }
    }
  }
  return result;
}
