import { MessageWriter } from './protobuf.ts';

/** One operator of a model. */
interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** A float is given as `{ float }`, because 1 is a whole number otherwise. */
  readonly attributes?: Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;
}

/** A model of float32 tensors. */
export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** Weights: known when the session is made, so a runtime may pack them. */
  readonly weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;
}

const FLOAT_TENSOR = 1;
/** Of the file format, and of the operators: the first with GroupNormalization as PyTorch computes it. */
const IR_VERSION = 10;
const OPERATORS = 21;

/** The bytes of an ONNX file. Field numbers are those of onnx.proto. */
export function onnxModel({ nodes, inputs, outputs, weights }: OnnxModel): Uint8Array {
  const graph = new MessageWriter()
    .bytes(1, ...nodes.map(nodeMessage))
    .bytes(2, 'kernel')
    .bytes(5, ...Object.entries(weights).map(([name, weight]) => weightMessage(name, weight)))
    .bytes(11, ...Object.entries(inputs).map(valueMessage))
    .bytes(12, ...Object.entries(outputs).map(valueMessage));
  const operators = new MessageWriter().bytes(1, '').integer(2, OPERATORS);
  return new MessageWriter().integer(1, IR_VERSION).bytes(7, graph).bytes(8, operators).finish();
}

function nodeMessage({ operator, inputs, output, attributes = {} }: OnnxNode): MessageWriter {
  return new MessageWriter()
    .bytes(1, ...inputs)
    .bytes(2, output)
    .bytes(4, operator)
    .bytes(5, ...Object.entries(attributes).map(attributeMessage));
}

function attributeMessage([name, value]: [string, number | readonly number[] | { float: number }]): MessageWriter {
  const message = new MessageWriter().bytes(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  return 'float' in value ? message.float(2, value.float).integer(20, 1) : message.integer(8, ...value).integer(20, 7);
}

function weightMessage(name: string, { shape, values }: { shape: readonly number[]; values: Float32Array }) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return new MessageWriter()
    .integer(1, ...shape)
    .integer(2, FLOAT_TENSOR)
    .bytes(8, name)
    .bytes(9, bytes);
}

function valueMessage([name, shape]: [string, readonly number[]]): MessageWriter {
  const axes = shape.map((length) => new MessageWriter().integer(1, length));
  const tensor = new MessageWriter().integer(1, FLOAT_TENSOR).bytes(2, new MessageWriter().bytes(1, ...axes));
  return new MessageWriter().bytes(1, name).bytes(2, new MessageWriter().bytes(1, tensor));
}
