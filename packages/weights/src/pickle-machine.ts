import { CheckpointError } from '@od-vae/core/base';

import type { PickleStream } from './pickle-stream.ts';
import type { PickleGlobal, PickleValue } from './pickle-value.ts';

/** What a pickle may name. */
export interface PickleNames {
  /** The meaning of a global; throws for any that is not allowed. */
  global(module: string, name: string): PickleGlobal;
  /** The meaning of a persistent id, which torch uses for storages. */
  persistent(id: PickleValue): PickleValue;
}

/** The state of a pickle that is being read. */
export interface PickleMachine {
  readonly stream: PickleStream;
  readonly names: PickleNames;
  stack: PickleValue[];
  /** The stacks below every open mark. */
  readonly marks: PickleValue[][];
  readonly memo: Map<number, PickleValue>;
}

/** Deepest nesting of open marks; real pickles have fewer than ten. */
const MAX_MARKS = 10_000;

/** A refusal that says where in the pickle it happened. */
export function refusal({ stream }: PickleMachine, what: string): CheckpointError {
  return new CheckpointError(`The pickle ${what} before byte ${stream.position}.`);
}

/** Takes the newest value. */
export function pop(machine: PickleMachine): PickleValue {
  const value = machine.stack.pop();
  if (value === undefined) throw refusal(machine, 'takes from an empty stack');
  return value;
}

/** Takes the newest values, oldest first. */
export function popMany(machine: PickleMachine, count: number): PickleValue[] {
  return Array.from({ length: count }, () => pop(machine)).toReversed();
}

/** The newest value, which stays. */
export function top(machine: PickleMachine): PickleValue {
  const value = machine.stack.at(-1);
  if (value === undefined) throw refusal(machine, 'reads an empty stack');
  return value;
}

/** Opens a mark: what follows gathers above it. */
export function pushMark(machine: PickleMachine): void {
  if (machine.marks.length === MAX_MARKS) throw refusal(machine, `nests deeper than ${MAX_MARKS} levels`);
  machine.marks.push(machine.stack);
  machine.stack = [];
}

/** Closes the newest mark and gives what gathered above it. */
export function popMark(machine: PickleMachine): PickleValue[] {
  const items = machine.stack;
  const below = machine.marks.pop();
  if (!below) throw refusal(machine, 'closes a mark that is not open');
  machine.stack = below;
  return items;
}
