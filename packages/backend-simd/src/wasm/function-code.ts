import { signed, unsigned } from './bytes.ts';

/** The value types that the kernels use, with their codes in the binary format. */
export const VALUE_TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

/** Name of a value type. */
export type ValueType = keyof typeof VALUE_TYPES;

declare const type: unique symbol;

/** A parameter or local variable of a function; its type is checked by TypeScript. */
export interface Local<Type extends ValueType> {
  readonly index: number;
  readonly [type]?: Type;
}

/** An expression: instructions that leave one value of the type. */
export interface Value<Type extends ValueType> {
  readonly bytes: readonly number[];
  readonly [type]?: Type;
}

/** A finished function: what a module needs to hold it. */
export interface CompiledFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: readonly number[];
}

/** Writes one WebAssembly function without results, statement by statement. */
export class FunctionCode {
  readonly #parameters: ValueType[] = [];
  readonly #locals: ValueType[] = [];
  readonly #body: number[] = [];

  /** Adds a parameter; all parameters come before the first local. */
  parameter<Type extends ValueType>(valueType: Type): Local<Type> {
    this.#parameters.push(valueType);
    return { index: this.#parameters.length - 1 };
  }

  local<Type extends ValueType>(valueType: Type): Local<Type> {
    this.#locals.push(valueType);
    return { index: this.#parameters.length + this.#locals.length - 1 };
  }

  set<Type extends ValueType>(target: Local<Type>, value: Value<Type>): void {
    this.#body.push(...value.bytes, 0x21, ...unsigned(target.index));
  }

  /** Adds to an integer, such as a pointer that moves on. */
  advance(target: Local<'i32'>, by: Value<'i32'> | number): void {
    this.set(target, addInteger(get(target), typeof by === 'number' ? integer(by) : by));
  }

  /** Stores four numbers at a byte address. */
  store(address: Local<'i32'>, value: Value<'v128'>, offset = 0): void {
    this.#body.push(...get(address).bytes, ...value.bytes, 0xfd, 0x0b, 2, ...unsigned(offset));
  }

  /** Runs the body until the counter, lowered by `step` after each pass, is 0; the counter starts above 0. */
  countdown(counter: Local<'i32'>, step: number, body: () => void): void {
    this.#body.push(0x03, 0x40);
    body();
    this.advance(counter, -step);
    this.#body.push(...get(counter).bytes, 0x0d, 0, 0x0b);
  }

  finish(name: string): CompiledFunction {
    return { name, parameters: this.#parameters, locals: this.#locals, body: this.#body };
  }
}

/** So many integer parameters or locals. */
export function integers(code: FunctionCode, count: number, kind: 'parameter' | 'local'): Local<'i32'>[] {
  return Array.from({ length: count }, () => code[kind]('i32'));
}

/** The value of a variable. */
export function get<Type extends ValueType>({ index }: Local<Type>): Value<Type> {
  return { bytes: [0x20, ...unsigned(index)] };
}

/** An integer constant. */
export function integer(value: number): Value<'i32'> {
  return { bytes: [0x41, ...signed(value)] };
}

/** Sum of two integers. */
export function addInteger(a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> {
  return { bytes: [...a.bytes, ...b.bytes, 0x6a] };
}

/** The integer at a byte address. */
export function loadInteger(address: Local<'i32'>, offset: number): Value<'i32'> {
  return { bytes: [...get(address).bytes, 0x28, 2, ...unsigned(offset)] };
}
