import type { Binding, GpuProgram } from '../gpu-program.ts';
import type { AttentionVariant } from './attention.ts';
import {
  ACROSS,
  addWeighted,
  ATTENTION_SIZES,
  BLOCK,
  BLOCK_PLACE,
  blockMemory,
  blockProducts,
  eachSum,
  ROWS,
  storeFour,
  THREADS,
} from './attention-block.ts';
import { repeat } from './repeat.ts';
import { clipType, vectorType } from './vector-type.ts';

/**
 * What the gradients need to know of each query: the logarithm of the sum of its scores' exponentials, by which a weight is
 * made anew from its score alone, and the mean of the weights' gradients.
 */
export function attentionStatisticsProgram(full: boolean, half: boolean): GpuProgram {
  const names = ['query', 'key', 'value', 'dy'];
  return {
    name: 'attentionStatistics',
    variant: '',
    reads: names.map((name) => ({ name, type: inputType(name, full, half) })),
    writes: [{ name: 'statistics', type: 'f32' }],
    sizes: ATTENTION_SIZES,
    floats: ['scale'],
    threads: THREADS,
    code: () =>
      [
        blockMemory(names, full),
        BLOCK_PLACE,
        blockProducts('scores', ['query', 'key']),
        blockProducts('weightGradients', ['dy', 'value']),
        STATISTICS,
      ].join('\n'),
  };
}

const STATISTICS = `var<workgroup> scored: array<f32, ${BLOCK * BLOCK}>;
var<workgroup> gradients: array<f32, ${BLOCK * BLOCK}>;
fn run(group: i32, layer: i32, thread: i32) {
  let place = placeOf(group, thread);
  var largest = -3.0e38;
  var total = 0.0;
  var mean = 0.0;
  for (var firstColumn = 0; firstColumn < sizes.tokens; firstColumn += ${BLOCK}) {
    let score = scores(place, firstColumn);
    let gradient = weightGradients(place, firstColumn);
    ${repeat(
      ROWS,
      (r) => `scored[(place.row + ${r}) * ${BLOCK} + place.across] = score[${r}] * sizes.scale;
    gradients[(place.row + ${r}) * ${BLOCK} + place.across] = gradient[${r}];`,
    )}
    workgroupBarrier();
    // One thread has one query.
    if (thread < ${BLOCK}) {
      let keys = min(${BLOCK}, sizes.tokens - firstColumn);
      let before = largest;
      for (var k = 0; k < keys; k++) { largest = max(largest, scored[thread * ${BLOCK} + k]); }
      let shrink = exp(before - largest);
      total *= shrink;
      mean *= shrink;
      for (var k = 0; k < keys; k++) {
        let weight = exp(scored[thread * ${BLOCK} + k] - largest);
        total += weight;
        mean += weight * gradients[thread * ${BLOCK} + k];
      }
    }
  }
  let query = place.firstRow + thread;
  if (thread < ${BLOCK} && query < sizes.tokens) {
    statistics[2 * (place.start + query)] = largest + log(total);
    statistics[2 * (place.start + query) + 1] = mean / total;
  }
}`;

/** An input of attention. */
export type AttentionInput = 'query' | 'key' | 'value';

/** Which tensors meet, and whose rows are added up: rows are the tokens whose gradient is made. */
const GRADIENTS = {
  query: { scores: ['query', 'key'], weightGradients: ['dy', 'value'], source: 'key', ofQuery: 'row' },
  key: { scores: ['key', 'query'], weightGradients: ['value', 'dy'], source: 'query', ofQuery: 'column' },
  value: { scores: ['key', 'query'], weightGradients: undefined, source: 'dy', ofQuery: 'column' },
} as const;

/** How a tensor is taken: gradients have 32 bits, whatever the inputs are stored in. */
function inputType(name: string, full: boolean, half: boolean): Binding['type'] {
  return name === 'dy' ? vectorType(full) : clipType(full, half);
}

/** The gradient of one input of attention from the statistics of its queries; scores and weights are made anew, and never stored. */
export function attentionGradientProgram(
  input: AttentionInput,
  { full, parts, halfInputs }: Omit<AttentionVariant, 'half'>,
): GpuProgram {
  const { scores, weightGradients, source, ofQuery } = GRADIENTS[input];
  const names = ['query', 'key', ...(weightGradients ? ['value'] : []), 'dy'];
  return {
    name: 'attentionGradient',
    variant: `${input} ${parts}`,
    reads: [
      ...names.map((name) => ({ name, type: inputType(name, full, halfInputs) })),
      { name: 'statistics', type: 'f32' },
    ],
    writes: [{ name: 'y', type: vectorType(full) }],
    sizes: ATTENTION_SIZES,
    floats: ['scale'],
    threads: THREADS,
    code: () =>
      [
        blockMemory(names, full),
        BLOCK_PLACE,
        blockProducts('scores', scores),
        weightGradients ? blockProducts('weightGradients', weightGradients) : '',
        storeFour(full),
        `var<workgroup> weights: array<f32, ${BLOCK * BLOCK}>;
fn weightOf(place: BlockPlace, firstColumn: i32, r: i32, score: f32, gradient: f32) -> f32 {
  let row = place.firstRow + place.row + r;
  let column = firstColumn + place.across;
  if (max(row, column) >= sizes.tokens) { return 0.0; }
  let query = 2 * (place.start + ${ofQuery});
  let weight = exp(score * sizes.scale - statistics[query]);
  return ${weightGradients ? 'weight * (gradient - statistics[query + 1]) * sizes.scale' : 'weight'};
}`,
        body(parts, source, weightGradients !== undefined),
      ].join('\n'),
  };
}

function body(parts: number, source: string, needsGradients: boolean): string {
  return `fn run(group: i32, layer: i32, thread: i32) {
  let place = placeOf(group, thread);
  let firstSlot = layer * ${ACROSS * parts} + place.across;
  ${eachSum(parts, (r, p) => `var sum${r}_${p} = vec4<f32>();`)}
  for (var firstColumn = 0; firstColumn < sizes.tokens; firstColumn += ${BLOCK}) {
    let score = scores(place, firstColumn);
    let gradient = ${needsGradients ? 'weightGradients(place, firstColumn)' : 'vec4<f32>()'};
    ${repeat(ROWS, (r) => `weights[(place.row + ${r}) * ${BLOCK} + place.across] = weightOf(place, firstColumn, ${r}, score[${r}], gradient[${r}]);`)}
    workgroupBarrier();
    ${addWeighted(parts, source)}
  }
  ${eachSum(parts, (r, p) => `store(place.start, place.firstRow + place.row + ${r}, firstSlot + ${p * ACROSS}, sum${r}_${p});`)}
}`;
}
