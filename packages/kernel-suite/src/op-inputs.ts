/** Inputs of an op that a backend may fuse. */
export interface OpInputs {
  readonly op: string;
  /** What is special about them. */
  readonly title: string;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly attributes: object;
  /** What the inputs are multiplied by; they are noise in [-1, 1). */
  readonly size?: number;
}

/** The inputs of every case; `kernelsWithoutCases` says which ops have none. */
export const OP_INPUTS: readonly OpInputs[] = [
  convolution('one pixel', [1, 1, 1, 1, 3], [3, 3, 3, 3, 4]),
  convolution('one channel', [1, 4, 5, 4, 1], [3, 3, 3, 1, 1]),
  convolution('the first layer', [1, 5, 7, 9, 3], [3, 3, 3, 3, 32]),
  convolution('odd sizes and several clips', [2, 4, 5, 7, 6], [3, 3, 3, 6, 10]),
  convolution('the last layer', [1, 3, 6, 5, 32], [3, 3, 3, 32, 3]),
  convolution('frames alone', [2, 3, 6, 5, 8], [1, 3, 3, 8, 12]),
  convolution('pixels alone', [1, 3, 5, 6, 16], [1, 1, 1, 16, 24]),
  convolution('taps in time alone', [1, 6, 3, 4, 8], [3, 1, 1, 8, 8]),
  convolution('an even number of taps', [1, 5, 4, 3, 5], [2, 3, 1, 5, 7]),
  convolution('a clip halved in time and space', [2, 5, 8, 6, 8], [3, 3, 3, 8, 8], [2, 2, 2], 'after'),
  convolution('images halved', [1, 3, 9, 10, 8], [1, 3, 3, 8, 8], [1, 2, 2], 'after'),
  convolution('every second frame', [1, 5, 3, 4, 4], [1, 1, 1, 4, 6], [2, 1, 1]),
  convolution('steps between which pixels are left out', [1, 4, 7, 8, 4], [1, 1, 1, 4, 4], [3, 2, 3]),
  convolution('no border', [1, 4, 6, 7, 4], [3, 3, 3, 4, 5], [1, 1, 1], 'none'),
  convolution('images of few rows without border', [2, 2, 4, 5, 4], [1, 1, 3, 4, 5], [1, 1, 1], 'none'),
  convolution('a clip wide enough for blocks', [1, 3, 17, 13, 20], [3, 3, 3, 20, 24]),
  ...(['trilinear', 'nearest'] as const).flatMap((mode) => [
    enlargement(mode, [2, 3, 5, 4, 6], [3, 3, 3, 6, 5], { time: false, mode }),
    enlargement(`${mode}, time too`, [2, 4, 3, 5, 6], [3, 3, 3, 6, 5], { time: true, mode }),
    enlargement(`${mode}, one frame of one pixel`, [1, 1, 1, 1, 4], [3, 3, 3, 4, 4], { time: true, mode }),
    enlargement(`${mode}, images`, [3, 1, 4, 3, 8], [1, 3, 3, 8, 8], { time: false, mode }),
  ]),
  ...(['GroupNorm', 'GroupNormSilu'] as const).flatMap((op) => [
    norm(op, 'odd sizes', [2, 3, 5, 7, 12], 4),
    norm(op, 'a channel a group', [1, 2, 6, 5, 32], 32),
    norm(op, 'one group', [3, 1, 4, 3, 6], 1),
    norm(op, 'many pixels', [1, 3, 24, 25, 32], 8),
  ]),
  attention('odd sizes', [3, 35, 12]),
  attention('one token', [2, 1, 4]),
  attention('more tokens than a tile', [1, 300, 16]),
  { ...attention('scores far beyond the range of e^x', [1, 37, 16]), size: 12 },
];

function convolution(
  title: string,
  x: readonly number[],
  weight: readonly number[],
  strides: readonly number[] = [1, 1, 1],
  border: 'around' | 'after' | 'none' = 'around',
): OpInputs {
  return { op: 'CausalConv3D', title, shapes: { x, weight, bias: [weight[4]!] }, attributes: { strides, border } };
}

function enlargement(title: string, x: readonly number[], weight: readonly number[], attributes: object): OpInputs {
  return { op: 'UpsampleCausalConv3D', title, shapes: { x, weight, bias: [weight[4]!] }, attributes };
}

function norm(op: string, title: string, x: readonly number[], groups: number): OpInputs {
  const channels = [x[4]!];
  return { op, title, shapes: { x, scale: channels, bias: channels }, attributes: { groups, epsilon: 1e-6 } };
}

function attention(title: string, shape: readonly number[]): OpInputs {
  return { op: 'SpatialAttention', title, shapes: { query: shape, key: shape, value: shape }, attributes: {} };
}
