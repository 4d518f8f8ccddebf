import type { GpuProgram } from '../gpu-program.ts';
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
import { clipType } from './vector-type.ts';

/** What the code of attention depends on. */
export interface AttentionVariant {
  /** Channels come in fours. */
  readonly full: boolean;
  /** Slots of the result of each thread. */
  readonly parts: number;
  /** Query, key and value are stored in 16 bits. */
  readonly halfInputs: boolean;
  /** The result is. */
  readonly half: boolean;
}

/**
 * Attention without its scores: some queries meet some keys at a time, and what was summed before is scaled down when a larger
 * score comes.
 */
export function attentionProgram({ full, parts, halfInputs, half }: AttentionVariant): GpuProgram {
  const names = ['query', 'key', 'value'];
  return {
    name: 'spatialAttention',
    variant: String(parts),
    reads: names.map((name) => ({ name, type: clipType(full, halfInputs) })),
    writes: [{ name: 'y', type: clipType(full, half) }],
    sizes: ATTENTION_SIZES,
    floats: ['scale'],
    threads: THREADS,
    code: () =>
      [
        blockMemory(names, full),
        BLOCK_PLACE,
        blockProducts('scores', ['query', 'key']),
        storeFour(full, half),
        `var<workgroup> weights: array<f32, ${BLOCK * BLOCK}>;
var<workgroup> largest: array<f32, ${BLOCK}>;
var<workgroup> total: array<f32, ${BLOCK}>;
var<workgroup> shrink: array<f32, ${BLOCK}>;`,
        WEIGHTS,
        body(parts),
      ].join('\n'),
  };
}

/** Scores become weights relative to the largest score so far; one thread has one query. */
const WEIGHTS = `fn weigh(thread: i32) {
  if (thread < ${BLOCK}) {
    let before = largest[thread];
    var most = before;
    for (var k = 0; k < ${BLOCK}; k++) { most = max(most, weights[thread * ${BLOCK} + k]); }
    var added = 0.0;
    for (var k = 0; k < ${BLOCK}; k++) {
      let weight = exp(weights[thread * ${BLOCK} + k] - most);
      weights[thread * ${BLOCK} + k] = weight;
      added += weight;
    }
    let factor = exp(before - most);
    shrink[thread] = factor;
    largest[thread] = most;
    total[thread] = total[thread] * factor + added;
  }
  workgroupBarrier();
}`;

function body(parts: number): string {
  return `fn run(group: i32, layer: i32, thread: i32) {
  let place = placeOf(group, thread);
  let firstSlot = layer * ${ACROSS * parts} + place.across;
  ${eachSum(parts, (r, p) => `var sum${r}_${p} = vec4<f32>();`)}
  if (thread < ${BLOCK}) {
    largest[thread] = -3.0e38;
    total[thread] = 0.0;
  }
  for (var firstColumn = 0; firstColumn < sizes.tokens; firstColumn += ${BLOCK}) {
    let score = scores(place, firstColumn);
    let inside = firstColumn + place.across < sizes.tokens;
    ${repeat(ROWS, (r) => `weights[(place.row + ${r}) * ${BLOCK} + place.across] = select(-3.0e38, score[${r}] * sizes.scale, inside);`)}
    workgroupBarrier();
    weigh(thread);
    ${eachSum(parts, (r, p) => `sum${r}_${p} *= shrink[place.row + ${r}];`)}
    ${addWeighted(parts, 'value')}
  }
  ${eachSum(parts, (r, p) => `store(place.start, place.firstRow + place.row + ${r}, firstSlot + ${p * ACROSS}, sum${r}_${p} / total[place.row + ${r}]);`)}
}`;
}
