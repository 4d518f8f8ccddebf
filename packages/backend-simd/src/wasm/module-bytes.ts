import { text, unsigned, vector } from './bytes.ts';
import { type CompiledFunction, VALUE_TYPES, type ValueType } from './function-code.ts';

const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A WebAssembly module in its binary form: exports the functions, imports its memory as `env.memory`. */
export function moduleBytes(functions: readonly CompiledFunction[]): Uint8Array<ArrayBuffer> {
  const memory = [...text('env'), ...text('memory'), 2, 0, ...unsigned(1)];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(SECTION.type, vector(functions.map(signature))),
    ...section(SECTION.import, vector([memory])),
    ...section(SECTION.function, vector(functions.map((_, index) => unsigned(index)))),
    ...section(SECTION.export, vector(functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]))),
    ...section(SECTION.code, vector(functions.map(code))),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function signature({ parameters }: CompiledFunction): number[] {
  return [0x60, ...vector(parameters.map((type) => [VALUE_TYPES[type]])), 0];
}

function code({ locals, body }: CompiledFunction): number[] {
  const declared = vector(runs(locals).map(([count, type]) => [...unsigned(count), VALUE_TYPES[type]]));
  const content = [...declared, ...body, 0x0b];
  return [...unsigned(content.length), ...content];
}

function runs(types: readonly ValueType[]): [count: number, type: ValueType][] {
  const found: [number, ValueType][] = [];
  for (const type of types) {
    const last = found.at(-1);
    if (last?.[1] === type) last[0] += 1;
    else found.push([1, type]);
  }
  return found;
}
