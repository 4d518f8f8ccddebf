// The opcodes of Python's pickle protocols 0 to 5.
import { type PickleMachine, pop, popMany, popMark, pushMark, refusal, top } from './pickle-machine.ts';
import type { PickleStream } from './pickle-stream.ts';
import { PickleGlobal, PickleObject, type PickleValue } from './pickle-value.ts';

type Run = (machine: PickleMachine) => void;

/** Ends a pickle. */
export const STOP = 0x2e;

const HIGHEST_PROTOCOL = 5;

function push(read: (stream: PickleStream) => PickleValue): Run {
  return ({ stack, stream }) => stack.push(read(stream));
}

/** Makes one value of what lies above the newest mark. */
function gather(make: (items: PickleValue[]) => PickleValue): Run {
  return (machine) => {
    const items = popMark(machine);
    machine.stack.push(make(items));
  };
}

function tuple(length: number): Run {
  return (machine) => machine.stack.push(popMany(machine, length));
}

function remember(index: (machine: PickleMachine) => number): Run {
  return (machine) => machine.memo.set(index(machine), top(machine));
}

function recall(index: (stream: PickleStream) => number): Run {
  return (machine) => {
    const value = machine.memo.get(index(machine.stream));
    if (value === undefined) throw refusal(machine, 'recalls what it never kept');
    machine.stack.push(value);
  };
}

function append(machine: PickleMachine, items: readonly PickleValue[]): void {
  const list = top(machine);
  // Subclasses of list that are made as inert objects.
  if (list instanceof PickleObject) return list.change();
  if (!Array.isArray(list)) throw refusal(machine, 'appends to what is no list');
  for (const item of items) list.push(item);
}

function setItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (target instanceof PickleObject) return target.change();
  if (!(target instanceof Map)) throw refusal(machine, 'sets an item of what is no dict');
  for (let index = 0; index + 1 < items.length; index += 2) target.set(items[index]!, items[index + 1]!);
}

function addItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const set = top(machine);
  if (!(set instanceof Set)) throw refusal(machine, 'adds to what is no set');
  for (const item of items) set.add(item);
}

function dict(items: readonly PickleValue[]): Map<PickleValue, PickleValue> {
  const map = new Map<PickleValue, PickleValue>();
  for (let index = 0; index + 1 < items.length; index += 2) map.set(items[index]!, items[index + 1]!);
  return map;
}

/** Calls what the allow-list gave; whatever else a pickle wants called is refused. */
function call(machine: PickleMachine, callable: PickleValue | undefined, args: PickleValue | undefined): void {
  if (!(callable instanceof PickleGlobal) || !Array.isArray(args)) throw refusal(machine, 'calls what is no function');
  machine.stack.push(callable.make(args));
}

function reduce(machine: PickleMachine, count: 2 | 3): void {
  const [callable, args] = popMany(machine, count);
  call(machine, callable, args);
}

function pushGlobal(machine: PickleMachine, module: PickleValue | undefined, name: PickleValue | undefined): void {
  if (typeof module !== 'string' || typeof name !== 'string')
    throw refusal(machine, 'names a global with what is no text');
  machine.stack.push(machine.names.global(module, name));
}

function makeInstance(machine: PickleMachine): void {
  const module = machine.stream.line();
  const name = machine.stream.line();
  const args = popMark(machine);
  call(machine, machine.names.global(module, name), args);
}

function checkProtocol(machine: PickleMachine): void {
  const protocol = machine.stream.uint8();
  if (protocol > HIGHEST_PROTOCOL) {
    throw refusal(machine, `has protocol ${protocol} and at most ${HIGHEST_PROTOCOL} is read`);
  }
}

/** State goes to objects that forget it, or to the attributes of a dict, which carry no weights. */
function build(machine: PickleMachine): void {
  pop(machine);
  const target = top(machine);
  if (target instanceof PickleObject) target.change();
  else if (!(target instanceof Map)) throw refusal(machine, 'sets the state of what has none');
}

function persist(machine: PickleMachine, id: PickleValue): void {
  machine.stack.push(machine.names.persistent(id));
}

/** What every opcode does. The missing ones reach outside the pickle: extension codes, and buffers beside it. */
export const OPCODES: ReadonlyMap<number, Run> = /* @__PURE__ */ new Map<number, Run>([
  [0x80, checkProtocol],
  [0x95, ({ stream }) => stream.uint64()], // the length of a frame
  [0x28, pushMark],
  [0x30, (machine) => (machine.stack.length > 0 ? pop(machine) : popMark(machine))],
  [0x31, popMark],
  [0x32, (machine) => machine.stack.push(top(machine))],
  // Memo
  [0x70, remember(({ stream }) => Number(stream.decimal()))],
  [0x71, remember(({ stream }) => stream.uint8())],
  [0x72, remember(({ stream }) => stream.uint32())],
  [0x94, remember(({ memo }) => memo.size)],
  [0x67, recall((stream) => Number(stream.decimal()))],
  [0x68, recall((stream) => stream.uint8())],
  [0x6a, recall((stream) => stream.uint32())],
  // Constants and numbers
  [0x4e, push(() => null)],
  [0x88, push(() => true)],
  [0x89, push(() => false)],
  [0x49, push((stream) => stream.decimalOrTruth())],
  [0x4c, push((stream) => stream.decimal())],
  [0x46, push((stream) => stream.decimalFloat())],
  [0x4a, push((stream) => stream.int32())],
  [0x4b, push((stream) => stream.uint8())],
  [0x4d, push((stream) => stream.uint16())],
  [0x8a, push((stream) => stream.integer(stream.uint8()))],
  [0x8b, push((stream) => stream.integer(stream.uint32()))],
  [0x47, push((stream) => stream.float64())],
  // Bytes and text
  [0x42, push((stream) => stream.bytes(stream.uint32()))],
  [0x43, push((stream) => stream.bytes(stream.uint8()))],
  [0x8e, push((stream) => stream.bytes(stream.uint64()))],
  [0x96, push((stream) => stream.bytes(stream.uint64()))],
  [0x53, push((stream) => stream.line().slice(1, -1))],
  [0x54, push((stream) => stream.latin1(stream.uint32()))],
  [0x55, push((stream) => stream.latin1(stream.uint8()))],
  [0x56, push((stream) => stream.escapedText())],
  [0x58, push((stream) => stream.text(stream.uint32()))],
  [0x8c, push((stream) => stream.text(stream.uint8()))],
  [0x8d, push((stream) => stream.text(stream.uint64()))],
  // Tuples, lists, dicts, sets
  [0x29, push(() => [])],
  [0x5d, push(() => [])],
  [0x7d, push(() => new Map())],
  [0x8f, push(() => new Set())],
  [0x74, gather((items) => items)],
  [0x6c, gather((items) => items)],
  [0x64, gather(dict)],
  [0x91, gather((items) => new Set(items))],
  [0x85, tuple(1)],
  [0x86, tuple(2)],
  [0x87, tuple(3)],
  [0x61, (machine) => append(machine, popMany(machine, 1))],
  [0x65, (machine) => append(machine, popMark(machine))],
  [0x73, (machine) => setItems(machine, popMany(machine, 2))],
  [0x75, (machine) => setItems(machine, popMark(machine))],
  [0x90, (machine) => addItems(machine, popMark(machine))],
  // Names, calls, state
  [0x63, (machine) => pushGlobal(machine, machine.stream.line(), machine.stream.line())],
  [0x93, (machine) => pushGlobal(machine, ...(popMany(machine, 2) as [PickleValue, PickleValue]))],
  [0x50, (machine) => persist(machine, machine.stream.line())],
  [0x51, (machine) => persist(machine, pop(machine))],
  [0x52, (machine) => reduce(machine, 2)],
  [0x81, (machine) => reduce(machine, 2)],
  [0x92, (machine) => reduce(machine, 3)],
  [0x69, makeInstance],
  [
    0x6f,
    (machine) => {
      const [made, ...args] = popMark(machine);
      call(machine, made, args);
    },
  ],
  [0x62, build],
]);
