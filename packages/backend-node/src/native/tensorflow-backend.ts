import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

/** What an attribute of one of TensorFlow's ops may be here. */
type AttributeValue = readonly number[] | boolean | string;

/** An attribute as the addon takes it: `type` is one of its constants. */
interface NativeAttribute {
  readonly name: string;
  readonly type: number | undefined;
  readonly value: AttributeValue;
}

/** What the backend `tensorflow` of `@tensorflow/tfjs-node` is called for here: any of TensorFlow's ops, by name. */
export interface TensorflowBackend extends KernelBackend {
  /** The addon; its constants name the kinds of attributes. */
  readonly binding: Readonly<Record<string, number | undefined>>;
  executeSingleOutput(op: string, attributes: readonly NativeAttribute[], inputs: readonly TensorInfo[]): Tensor;
}

/**
 * Runs the op that TensorFlow knows as `op`, and gives its one output.
 *
 * Types of numbers need not be said, TensorFlow takes them from the inputs; other attributes that are left out have the op's
 * own defaults.
 */
export function runNative<Output extends Tensor>(
  backend: TensorflowBackend,
  op: string,
  inputs: readonly TensorInfo[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Output {
  const given = Object.entries(attributes).map(([name, value]) => ({
    name,
    type: backend.binding[kindOf(value)],
    value,
  }));
  return backend.executeSingleOutput(op, given, inputs) as Output;
}

function kindOf(value: AttributeValue): string {
  if (typeof value === 'string') return 'TF_ATTR_STRING';
  return typeof value === 'boolean' ? 'TF_ATTR_BOOL' : 'TF_ATTR_INT';
}
