/** Values `[positions, channels]` as `[channels, positions]`: from our order into PyTorch's. */
export function channelsFirst(values: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const positions = values.length / channels;
  const result = new Float32Array(values.length);
  for (let position = 0; position < positions; position++) {
    for (let channel = 0; channel < channels; channel++) {
      result[channel * positions + position] = values[position * channels + channel]!;
    }
  }
  return result;
}

/** Values `[channels, positions]` as `[positions, channels]`: from PyTorch's order into ours. */
export function channelsLast(values: Float32Array, channels: number): Float32Array {
  const positions = values.length / channels;
  const result = new Float32Array(values.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let position = 0; position < positions; position++) {
      result[position * channels + channel] = values[channel * positions + position]!;
    }
  }
  return result;
}
