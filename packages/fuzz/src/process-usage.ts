import { readFileSync } from 'node:fs';

/** What a process and all its children take. */
export interface ProcessUsage {
  /** Memory that is held now, in bytes. */
  readonly bytes: number;
  /** Processor time since each began, in milliseconds. */
  readonly milliseconds: number;
  /** One of them could go on if a processor were free for it, or somebody who halted it let it. */
  readonly runnable: boolean;
}

const PAGE_BYTES = 4096;
const MILLISECONDS_A_TICK = 10;
const NOTHING: ProcessUsage = { bytes: 0, milliseconds: 0, runnable: false };

/** What a process and its children take, as Linux tells; nothing elsewhere, or where the process has ended. */
export function processUsage(pid: number): ProcessUsage {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    // The fields after the name in brackets, which may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const below = children === '' ? [] : children.split(' ').map((child) => processUsage(Number(child)));
    return {
      bytes: below.reduce((sum, one) => sum + one.bytes, pages * PAGE_BYTES),
      milliseconds: below.reduce((sum, one) => sum + one.milliseconds, ticks * MILLISECONDS_A_TICK),
      runnable: fields[0] === 'R' || fields[0] === 'T' || below.some((one) => one.runnable),
    };
  } catch {
    return NOTHING;
  }
}
