import { setTimeout } from 'node:timers/promises';

import type { Contender } from '../contenders/contenders.ts';
import type { Child } from '../contenders/start-child.ts';
import type { Settings } from '../parse-arguments.ts';
import type { Measurement } from '../report/result.ts';
import type { NamedCase } from './cases.ts';

/** Runs and seconds of warming up after which a contender is taken to be at its speed: V8 compiles for the first few runs. */
const WARM_SECONDS = 8;
const WARM_RUNS = 5;
/** Some runtimes' threads wait for more work with all their might, for a while. */
const SETTLE_MS = 100;

/** Says on stderr what goes on. */
export type Log = (line: string) => void;

/**
 * One case, all contenders in turn: A B A B, so that what disturbs the machine disturbs all of them. A contender that
 * fails, or is too slow, has no samples and a note.
 */
export async function measureCase(
  named: NamedCase,
  contenders: readonly Contender[],
  { threads, limit, rounds }: Pick<Settings, 'threads' | 'limit' | 'rounds'>,
  log: Log,
): Promise<Measurement[]> {
  log(`${named.suite}: ${named.title}`);
  const able = contenders.filter(({ kinds }) => kinds.includes(named.case.kind));
  const entries = able.map((contender) => ({
    contender,
    child: undefined as Child | undefined,
    measurement: emptyMeasurement(named, contender),
  }));
  const attempt = async (entry: (typeof entries)[number], work: () => Promise<void>): Promise<void> => {
    if (entry.measurement.note !== null) return;
    try {
      await work();
    } catch (error) {
      entry.child = undefined;
      entry.measurement.note = (error as Error).message;
      log(`  ${entry.measurement.version}: ${entry.measurement.note}`);
    }
  };
  for (const entry of entries) {
    await attempt(entry, async () => {
      entry.child = await entry.contender.start({ threads, limit });
      entry.measurement.version = entry.child.version;
      await entry.child.prepare(named.case);
      await warmUp(entry.child);
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const entry of entries) {
      await setTimeout(SETTLE_MS);
      await attempt(entry, async () => void entry.measurement.seconds.push(await entry.child!.run()));
    }
  }
  for (const entry of entries) {
    await attempt(entry, async () => void (entry.measurement.peakBytes = await entry.child!.end()));
  }
  return entries.map(({ measurement }) => measurement);
}

async function warmUp(child: Child): Promise<void> {
  let seconds = 0;
  for (let run = 0; run < WARM_RUNS && seconds < WARM_SECONDS; run++) seconds += await child.run();
}

function emptyMeasurement({ suite, title, case: one, variant, work }: NamedCase, { id }: Contender): Measurement {
  return {
    suite,
    title,
    kind: one.kind,
    clip: [...one.clip],
    variant,
    work,
    contender: id,
    version: id,
    seconds: [],
    peakBytes: null,
    note: null,
  };
}
