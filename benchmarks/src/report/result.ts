import { z } from 'zod';

const clip = z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]);

/** One contender in one case. */
const measurement = z.strictObject({
  suite: z.string(),
  /** Such as `3x3x3, 128 channels, 5x64x64`; the same for all contenders. */
  title: z.string(),
  kind: z.string(),
  clip,
  /** Of a model, the paper's variant; of a kernel nothing. */
  variant: z.int().nullable(),
  /** What one run does: operations as the direct algorithm counts them, or bytes read and written; null for a model. */
  work: z.strictObject({ amount: z.number().positive(), unit: z.enum(['FLOP', 'B']) }).nullable(),
  contender: z.string(),
  version: z.string(),
  /** Seconds of each run, in the order in which they were measured; none where `note` says why. */
  seconds: z.array(z.number().positive()),
  peakBytes: z.number().positive().nullable(),
  note: z.string().nullable(),
});

/** State of the process after a round of the suite `leaks`. */
const leakSample = z.strictObject({
  /** What a round does. */
  work: z.enum(['encode and decode', 'two training steps']),
  round: z.int().positive(),
  tensors: z.int().nonnegative(),
  /** Threads of the operating system: our workers, and a fixed number of Node's own. */
  threads: z.int().nonnegative(),
  files: z.int().nonnegative(),
  residentBytes: z.number().positive(),
});

/** What a run of the benchmarks gives, as it is written to a file. */
export const resultSchema = z.strictObject({
  date: z.iso.datetime(),
  /** Of this repository; `+` after it means that files were changed since. */
  commit: z.string(),
  machine: z.strictObject({
    processor: z.string(),
    cores: z.int().positive(),
    memoryBytes: z.number().positive(),
    system: z.string(),
    /** Load averages of 1, 5 and 15 minutes before the first measurement. */
    load: z.array(z.number()),
  }),
  settings: z.strictObject({
    suites: z.array(z.string()),
    size: clip,
    variants: z.array(z.int()),
    threads: z.int().positive(),
    rounds: z.int().positive(),
    limit: z.number().positive(),
    tiny: z.boolean(),
    /** Variables of the environment that begin with `OD_VAE_`. */
    environment: z.record(z.string(), z.string()),
  }),
  /** Contenders that were asked for and could not run, each with the reason. */
  missing: z.record(z.string(), z.string()),
  measurements: z.array(measurement),
  leaks: z.array(leakSample),
});

/** What a run of the benchmarks gives. */
export type BenchmarkResult = z.infer<typeof resultSchema>;
/** One contender in one case. */
export type Measurement = z.infer<typeof measurement>;
/** State of the process after a round of the suite `leaks`. */
export type LeakSample = z.infer<typeof leakSample>;
