import type { Progress } from '@od-vae/core';
import { SingleBar } from 'cli-progress';

import type { Streams } from '../streams.ts';
import type { OutputFlags } from './output-options.ts';

/** Shows how far a command has come. */
export interface ProgressBar extends Disposable {
  /** Takes an event of a long call. */
  readonly onProgress: (progress: Progress) => void;
}

/**
 * A line on stderr with the share that is done and the time that is left.
 *
 * `phases` are those that count together, because they take turns: their parts are added up. Every other phase (such as
 * `load`) has a line of its own. Without a terminal there is no line unless `--progress` asks for one, and never with
 * `--quiet`.
 */
export function progressBar(streams: Streams, flags: OutputFlags, phases: readonly string[]): ProgressBar {
  const wanted = !flags.quiet && (flags.progress === true || streams.stderr.isTTY === true);
  if (!wanted) return { onProgress: () => undefined, [Symbol.dispose]: () => undefined };
  const together = new Map<string, Progress>();
  let bar: SingleBar | undefined;
  let current: string | undefined;
  let began = 0;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    onProgress: (event) => {
      const stage = phases.includes(event.phase) ? phases.join('+') : event.phase;
      if (phases.includes(event.phase)) together.set(event.phase, event);
      const { done, total } = phases.includes(event.phase) ? sum(together, event, phases.length) : event;
      if (total === undefined) return;
      if (stage !== current) {
        stop();
        current = stage;
        began = performance.now();
        bar = newBar(streams);
        bar.start(total, 0, { phase: event.phase, left: timeLeft(0, total, 0) });
      }
      bar?.setTotal(total);
      const whole = Math.min(Math.floor(done), total);
      bar?.update(whole, { phase: event.phase, left: timeLeft(whole, total, performance.now() - began) });
    },
    [Symbol.dispose]: stop,
  };
}

/** A phase that has not begun is taken to be as long as the one that reports. */
function sum(
  together: ReadonlyMap<string, Progress>,
  { total }: Progress,
  phases: number,
): { done: number; total: number | undefined } {
  if (total === undefined) return { done: 0, total };
  const shares = [...together.values()].map((event) => event.done / (event.total || total));
  return { done: (total * shares.reduce((a, b) => a + b, 0)) / phases, total };
}

function newBar({ stderr }: Streams): SingleBar {
  return new SingleBar({
    stream: stderr,
    format: '{phase} [{bar}] {percentage}% | {value}/{total} | {left}',
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    barsize: 30,
    // Kernels block the event loop, so lines are drawn when an event comes, not by a timer alone.
    synchronousUpdate: true,
    fps: stderr.isTTY ? 10 : 1,
    noTTYOutput: true,
    notTTYSchedule: 5000,
    emptyOnZero: true,
  });
}

/** How long the rest takes at the pace so far, such as `1:05 left`. */
export function timeLeft(done: number, total: number, elapsedMs: number): string {
  if (done === 0) return 'measuring the pace';
  const seconds = Math.ceil((elapsedMs * (total - done)) / done / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts = hours > 0 ? [hours, minutes, seconds % 60] : [minutes, seconds % 60];
  return `${parts.map((part, index) => (index === 0 ? part : String(part).padStart(2, '0'))).join(':')} left`;
}
