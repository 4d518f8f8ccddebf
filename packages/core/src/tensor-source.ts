/** Weights by their PyTorch name, read only when asked for: what a model loads from and a checkpoint file offers. */
export interface TensorSource {
  /** Where the weights come from, for messages. */
  readonly label: string;
  readonly tensors: ReadonlyMap<string, SourceTensor>;
}

/** One stored weight: its shape in PyTorch's layout, and its values when they are wanted. */
export interface SourceTensor {
  readonly shape: readonly number[];
  /** Values in row-major order, converted to float32. */
  float32(): Promise<Float32Array>;
}
