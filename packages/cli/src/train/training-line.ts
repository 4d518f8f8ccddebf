import type { LogLine } from '@od-vae/training';

import { timeLeft } from '../output/progress-bar.ts';
import type { OutputFlags } from '../output/output-options.ts';
import type { Streams } from '../streams.ts';

/** Milliseconds between two lines where stderr is no terminal. */
const SLOW = 5000;

/**
 * Shows each step on stderr: loss, PSNR, steps a second, time left. A terminal has one line that is written over; without
 * one, `--progress` gives a line now and then.
 */
export function trainingLine(streams: Streams, flags: OutputFlags, steps: number): (line: LogLine) => void {
  const { stderr } = streams;
  if (flags.quiet || !(flags.progress || stderr.isTTY)) return () => undefined;
  let psnr: number | undefined;
  let [done, began, shown] = [0, performance.now(), Number.NEGATIVE_INFINITY];
  return (line) => {
    const now = performance.now();
    if (done === 0) began = now - 1000 * line.seconds;
    done += 1;
    psnr = line.psnr ?? psnr;
    const last = line.step === steps;
    if (!stderr.isTTY && !last && now - shown < SLOW) return;
    shown = now;
    const text = formatStep(line, { psnr, steps, done, elapsedMs: now - began });
    stderr.write(stderr.isTTY ? `\r\u001B[K${text}${last ? '\n' : ''}` : `${text}\n`);
  };
}

/** One step in one line. */
function formatStep(
  { step, kind, terms }: LogLine,
  { psnr, steps, done, elapsedMs }: { psnr: number | undefined; steps: number; done: number; elapsedMs: number },
): string {
  const pace = (1000 * done) / elapsedMs;
  const left = timeLeft(done, done + steps - step, elapsedMs);
  const quality = psnr === undefined ? '' : ` | ${psnr.toFixed(2)} dB`;
  return `step ${step}/${steps} | ${kind} loss ${terms['loss']!.toPrecision(5)}${quality} | ${pace.toPrecision(3)} it/s | ${left}`;
}
