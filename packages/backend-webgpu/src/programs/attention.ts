import type { GpuProgram } from '../gpu-program.ts';
import { readFour } from './read-four.ts';
import { repeat } from './repeat.ts';
import { vectorType } from './vector-type.ts';

/** Queries of a workgroup, and keys that it looks at together. */
export const QUERIES = 32;
const KEYS = 32;
const THREADS = 256;
/** Queries of a thread. */
const ROWS = 4;
/** Slots of four channels that are multiplied at once. */
const SLOTS = 4;
/** Threads side by side, each with every so many slots of the result. */
const ACROSS = 32;
/** Slots of a thread at most: more take another layer, which computes the scores again. */
const MOST_PARTS = 4;

/** Slots of the result of each thread, for so many channels. */
export function attentionParts(channels: number): number {
  return Math.min(MOST_PARTS, Math.ceil(channels / (4 * ACROSS)));
}

/** Channels of the result that one layer of workgroups computes. */
export function attentionLayerChannels(parts: number): number {
  return 4 * ACROSS * parts;
}

/**
 * Attention without its scores: some queries meet some keys at a time, and what was summed before is scaled down when a larger
 * score comes.
 */
export function attentionProgram(full: boolean, parts: number): GpuProgram {
  const type = vectorType(full);
  return {
    name: 'spatialAttention',
    variant: `${type} ${parts}`,
    reads: ['query', 'key', 'value'].map((name) => ({ name, type })),
    writes: [{ name: 'y', type }],
    sizes: ['tokens', 'channels', 'slots', 'blocks'],
    floats: ['scale'],
    threads: THREADS,
    code: () =>
      [
        ...['query', 'key', 'value'].map((name) => readFour(name, full)),
        storeFour(full),
        `var<workgroup> queries: array<vec4<f32>, ${SLOTS * QUERIES}>;
var<workgroup> keys: array<vec4<f32>, ${SLOTS * KEYS}>;
var<workgroup> scores: array<f32, ${QUERIES * KEYS}>;
var<workgroup> largest: array<f32, ${QUERIES}>;
var<workgroup> total: array<f32, ${QUERIES}>;
var<workgroup> shrink: array<f32, ${QUERIES}>;`,
        SCORES,
        WEIGHTS,
        body(parts),
      ].join('\n'),
  };
}

/** Scores of the queries with some keys: a thread has four queries and one key. */
const SCORES = `fn scoresOf(start: i32, firstQuery: i32, firstKey: i32, row: i32, across: i32, thread: i32) {
  var score = vec4<f32>();
  for (var slot = 0; slot < sizes.slots; slot += ${SLOTS}) {
    workgroupBarrier();
    let own = thread % ${SLOTS * QUERIES};
    let source = slot + own % ${SLOTS};
    let place = (own % ${SLOTS}) * ${QUERIES} + own / ${SLOTS};
    if (thread < ${SLOTS * QUERIES}) {
      queries[place] = query4(start, firstQuery + own / ${SLOTS}, source);
    } else {
      keys[place] = key4(start, firstKey + own / ${SLOTS}, source);
    }
    workgroupBarrier();
    for (var part = 0; part < ${SLOTS}; part++) {
      let k = keys[part * ${KEYS} + across];
      score += vec4<f32>(${Array.from({ length: ROWS }, (_, r) => `dot(k, queries[part * ${QUERIES} + row + ${r}])`).join(', ')});
    }
  }
  let inside = firstKey + across < sizes.tokens;
  ${repeat(ROWS, (r) => `scores[(row + ${r}) * ${KEYS} + across] = select(-3.0e38, score[${r}] * sizes.scale, inside);`)}
  workgroupBarrier();
}`;

/** Scores become weights relative to the largest score so far; one thread has one query. */
const WEIGHTS = `fn weightsOf(thread: i32) {
  if (thread < ${QUERIES}) {
    let before = largest[thread];
    var most = before;
    for (var k = 0; k < ${KEYS}; k++) { most = max(most, scores[thread * ${KEYS} + k]); }
    var added = 0.0;
    for (var k = 0; k < ${KEYS}; k++) {
      let weight = exp(scores[thread * ${KEYS} + k] - most);
      scores[thread * ${KEYS} + k] = weight;
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
  const each = (line: (row: number, part: number) => string) => repeat(ROWS, (r) => repeat(parts, (p) => line(r, p)));
  return `fn run(group: i32, layer: i32, thread: i32) {
  let start = (group / sizes.blocks) * sizes.tokens;
  let firstQuery = (group % sizes.blocks) * ${QUERIES};
  let row = (thread / ${ACROSS}) * ${ROWS};
  let across = thread % ${ACROSS};
  let firstSlot = layer * ${ACROSS * parts} + across;
  ${each((r, p) => `var sum${r}_${p} = vec4<f32>();`)}
  if (thread < ${QUERIES}) {
    largest[thread] = -3.0e38;
    total[thread] = 0.0;
  }
  for (var firstKey = 0; firstKey < sizes.tokens; firstKey += ${KEYS}) {
    scoresOf(start, firstQuery, firstKey, row, across, thread);
    weightsOf(thread);
    ${each((r, p) => `sum${r}_${p} *= shrink[row + ${r}];`)}
    for (var k = 0; k < min(${KEYS}, sizes.tokens - firstKey); k++) {
      ${repeat(parts, (p) => `let v${p} = value4(start, firstKey + k, firstSlot + ${p * ACROSS});`)}
      ${repeat(ROWS, (r) => `let weight${r} = scores[(row + ${r}) * ${KEYS} + k];`)}
      ${each((r, p) => `sum${r}_${p} += weight${r} * v${p};`)}
    }
  }
  ${each((r, p) => `store(start, firstQuery + row + ${r}, firstSlot + ${p * ACROSS}, sum${r}_${p} / total[row + ${r}]);`)}
}`;
}

/** `store(start, token, slot, value)`. */
function storeFour(full: boolean): string {
  const write = full
    ? 'y[(start + token) * sizes.slots + slot] = value;'
    : `for (var i = 0; i < min(4, sizes.channels - 4 * slot); i++) {
    y[(start + token) * sizes.channels + 4 * slot + i] = value[i];
  }`;
  return `fn store(start: i32, token: i32, slot: i32, value: vec4<f32>) {
  if (token >= sizes.tokens || slot >= sizes.slots) { return; }
  ${write}
}`;
}
