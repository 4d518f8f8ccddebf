import { type PickleMachine, type PickleNames, refusal } from './pickle-machine.ts';
import { OPCODES, STOP } from './pickle-opcodes.ts';
import { PickleStream } from './pickle-stream.ts';
import type { PickleValue } from './pickle-value.ts';

/**
 * The value of a pickle of protocol 0 to 5.
 *
 * Nothing is imported or run: a name is looked up in `names`, and only what that gives can be called. Tuples and lists
 * both become arrays, dicts become Maps.
 *
 * @throws CheckpointError when the pickle is cut short, malformed, or names what is not allowed
 */
export function readPickle(bytes: Uint8Array, names: PickleNames): PickleValue {
  const machine: PickleMachine = { stream: new PickleStream(bytes), names, stack: [], marks: [], memo: new Map() };
  for (let code = machine.stream.uint8(); code !== STOP; code = machine.stream.uint8()) {
    const run = OPCODES.get(code);
    if (!run) throw refusal(machine, `has opcode 0x${code.toString(16)}, which is not supported,`);
    run(machine);
  }
  const [value] = machine.stack;
  if (value === undefined || machine.stack.length !== 1 || machine.marks.length > 0) {
    throw refusal(machine, `must end with one value, but ends with ${machine.stack.length}`);
  }
  return value;
}
