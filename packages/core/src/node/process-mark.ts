import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells a process from every other that writes into the same folder, now or later, here or elsewhere. */
const MARK = /^([0-9a-f]{8})-(\d+)-(\d+)$/;

/**
 * The mark of a process, this one by default: where it runs, its number and when it was started, such as `3f2a9c01-12345-881234`.
 *
 * Where it runs is the machine's name and, on Linux, the numbering of processes (containers have one of their own), so that
 * a folder may be shared. The start is known on Linux only, and 0 elsewhere.
 */
export function processMark(id: number = process.pid): string {
  return `${placeMark()}-${id}-${stateOf(id).start}`;
}

/** What is known of the process of a mark; nothing is of one that ran elsewhere. */
export function processState(mark: string): 'running' | 'ended' | 'unknown' {
  const [, place, id, start] = MARK.exec(mark) ?? [];
  if (place !== placeMark() || Number(id) === 0) return 'unknown';
  try {
    process.kill(Number(id), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'ended';
  }
  const { isOver, start: startNow } = stateOf(Number(id));
  return isOver || (startNow !== 0 && Number(start) !== startNow) ? 'ended' : 'running';
}

function placeMark(): string {
  let numbering = '';
  try {
    numbering = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Systems other than Linux number processes in one way.
  }
  return createHash('sha256').update(`${hostname()} ${numbering}`).digest('hex').slice(0, 8);
}

/** When a process was started, in ticks since the machine was (0: unknown), and whether it only waits to be forgotten. */
function stateOf(id: number): { readonly start: number; readonly isOver: boolean } {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The name of the program, in brackets, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { start: Number(fields[19]), isOver: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return { start: 0, isOver: false };
  }
}
