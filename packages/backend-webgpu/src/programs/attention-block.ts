import { readFour } from './read-four.ts';
import { repeat } from './repeat.ts';
import { storedFour } from './vector-type.ts';

/** Rows of a workgroup's block of scores, and columns that it looks at together. */
export const BLOCK = 32;
export const THREADS = 256;
/** Rows of a thread; it has one column of the scores. */
export const ROWS = 4;
/** Slots of four channels that are multiplied at once. */
const SLOTS = 4;
/** Threads side by side, each with every so many slots of the result. */
export const ACROSS = 32;
/** Slots of a thread at most: more take another layer, which computes the scores again. */
const MOST_PARTS = 4;

/** Slots of the result of each thread, for so many channels. */
export function attentionParts(channels: number): number {
  return Math.min(MOST_PARTS, Math.ceil(channels / (4 * ACROSS)));
}

/** Workgroups, and layers of them, that give every token of every sequence a row. */
export function attentionGroups([sequences, tokens, channels]: readonly number[], parts: number): [number, number] {
  return [sequences! * Math.ceil(tokens! / BLOCK), Math.ceil(channels! / (4 * ACROSS * parts))];
}

/** Sizes that all programs of attention have. */
export const ATTENTION_SIZES = ['tokens', 'channels', 'slots', 'blocks'] as const;

/** Values of {@link ATTENTION_SIZES}, and the scale of the scores. */
export function attentionSizes([, tokens, channels]: readonly number[]): Record<string, number> {
  return {
    tokens: tokens!,
    channels: channels!,
    slots: Math.ceil(channels! / 4),
    blocks: Math.ceil(tokens! / BLOCK),
    scale: channels! ** -0.5,
  };
}

/** Readers of the tensors that meet in blocks, and the memory that their products share. */
export function blockMemory(names: readonly string[], full: boolean): string {
  return `${names.map((name) => readFour(name, full)).join('\n')}
var<workgroup> rowSlots: array<vec4<f32>, ${SLOTS * BLOCK}>;
var<workgroup> columnSlots: array<vec4<f32>, ${SLOTS * BLOCK}>;`;
}

/**
 * `name(place, firstColumn)`: products of four rows of one tensor with one row of another, as `row` and `column` name them. All threads of
 * a workgroup call it together; what they read before from its own memory they have read when it returns.
 */
export function blockProducts(name: string, [row, column]: readonly [string, string]): string {
  const dots = Array.from({ length: ROWS }, (_, r) => `dot(c, rowSlots[part * ${BLOCK} + place.row + ${r}])`);
  return `fn ${name}(place: BlockPlace, firstColumn: i32) -> vec4<f32> {
  var products = vec4<f32>();
  let own = place.thread % ${SLOTS * BLOCK};
  let at = (own % ${SLOTS}) * ${BLOCK} + own / ${SLOTS};
  for (var slot = 0; slot < sizes.slots; slot += ${SLOTS}) {
    workgroupBarrier();
    let source = slot + own % ${SLOTS};
    if (place.thread < ${SLOTS * BLOCK}) {
      rowSlots[at] = ${row}4(place.start, place.firstRow + own / ${SLOTS}, source);
    } else {
      columnSlots[at] = ${column}4(place.start, firstColumn + own / ${SLOTS}, source);
    }
    workgroupBarrier();
    for (var part = 0; part < ${SLOTS}; part++) {
      let c = columnSlots[part * ${BLOCK} + place.across];
      products += vec4<f32>(${dots.join(', ')});
    }
  }
  return products;
}`;
}

/** Where a thread stands: its sequence's first token, its block's first row, and its own place among them. */
export const BLOCK_PLACE = `struct BlockPlace {
  start: i32, firstRow: i32, row: i32, across: i32, thread: i32,
}
fn placeOf(group: i32, thread: i32) -> BlockPlace {
  return BlockPlace(
    (group / sizes.blocks) * sizes.tokens,
    (group % sizes.blocks) * ${BLOCK},
    (thread / ${ACROSS}) * ${ROWS},
    thread % ${ACROSS},
    thread,
  );
}`;

/** `store(start, token, slot, value)` into `y`, which may be stored in 16 bits. */
export function storeFour(full: boolean, half?: boolean): string {
  const write = full
    ? `y[(start + token) * sizes.slots + slot] = ${storedFour('value', half)};`
    : `for (var i = 0; i < min(4, sizes.channels - 4 * slot); i++) {
    y[(start + token) * sizes.channels + 4 * slot + i] = value[i];
  }`;
  return `fn store(start: i32, token: i32, slot: i32, value: vec4<f32>) {
  if (token >= sizes.tokens || slot >= sizes.slots) { return; }
  ${write}
}`;
}

/** Lines for each row of a thread and each of its slots. */
export function eachSum(parts: number, line: (row: number, part: number) => string): string {
  return repeat(ROWS, (r) => repeat(parts, (p) => line(r, p)));
}

/** Adds rows of a tensor, each as often as the `weights` of the block say, to the sums of a thread. */
export function addWeighted(parts: number, source: string): string {
  return `for (var c = 0; c < min(${BLOCK}, sizes.tokens - firstColumn); c++) {
      ${repeat(parts, (p) => `let v${p} = ${source}4(place.start, firstColumn + c, firstSlot + ${p * ACROSS});`)}
      ${repeat(ROWS, (r) => `let weight${r} = weights[(place.row + ${r}) * ${BLOCK} + c];`)}
      ${eachSum(parts, (r, p) => `sum${r}_${p} += weight${r} * v${p};`)}
    }`;
}
