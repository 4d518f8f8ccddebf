import { browserContenders } from './browser/browser-contenders.ts';
import { type Contender, contenders, webgpuContenders } from './contenders/contenders.ts';
import { measureLeaks } from './leaks/measure-leaks.ts';
import type { Settings } from './parse-arguments.ts';
import { commit, environmentSettings, machine } from './report/machine.ts';
import type { BenchmarkResult, LeakSample, Measurement } from './report/result.ts';
import { browserCases, kernelCases, modelCases, type NamedCase, stepCases, webgpuCases } from './suites/cases.ts';
import { findContenders } from './suites/find-contenders.ts';
import { type Log, measureCase } from './suites/measure-case.ts';

/** Suites whose contenders are processes of their own, and their cases. */
const IN_PROCESSES: Readonly<Record<string, (settings: Settings) => NamedCase[]>> = {
  kernels: kernelCases,
  model: modelCases,
  step: stepCases,
};

/** Works of the suite `leaks`, their rounds, and from one sample to the next. */
const LEAK_ROUNDS = [
  { work: 'encode and decode', rounds: 200, every: 20 },
  { work: 'two training steps', rounds: 500, every: 50 },
] as const;

/** Runs the suites that the settings name. */
export async function runBenchmarks(settings: Settings, log: Log): Promise<BenchmarkResult> {
  const { suites, size, variants, threads, rounds, limit, tiny, nodes } = settings;
  const before = machine();
  const cases = suites.flatMap((suite) => IN_PROCESSES[suite]?.(settings) ?? []);
  const { measurements, missing } = await measureCases(cases, contenders(settings.contenders, nodes), settings, log);
  if (suites.includes('browser')) {
    await using inBrowser = await browserContenders();
    const there = await measureCases(browserCases(settings), inBrowser.contenders, settings, log);
    measurements.push(...there.measurements);
    Object.assign(missing, there.missing);
  }
  if (suites.includes('webgpu')) {
    const onGpu = await measureCases(webgpuCases(settings), webgpuContenders(nodes[0]!), settings, log);
    measurements.push(...onGpu.measurements);
    Object.assign(missing, onGpu.missing);
  }
  const leaks: LeakSample[] = [];
  for (const each of suites.includes('leaks') ? LEAK_ROUNDS : []) {
    log(`leaks: ${each.work}`);
    leaks.push(...(await measureLeaks({ ...each, threads, node: nodes[0]! })));
  }
  return {
    date: new Date().toISOString(),
    commit: commit(),
    machine: before,
    settings: {
      suites: [...suites],
      size: [...size],
      variants: [...variants],
      threads,
      rounds,
      limit,
      tiny,
      environment: environmentSettings(),
    },
    missing,
    measurements,
    leaks,
  };
}

async function measureCases(
  cases: readonly NamedCase[],
  wanted: readonly Contender[],
  settings: Settings,
  log: Log,
): Promise<{ measurements: Measurement[]; missing: Record<string, string> }> {
  if (cases.length === 0) return { measurements: [], missing: {} };
  const { present, missing } = await findContenders(wanted, settings);
  for (const [id, reason] of Object.entries(missing)) log(`${id} is not measured: ${reason}`);
  const measurements: Measurement[] = [];
  for (const one of cases) measurements.push(...(await measureCase(one, present, settings, log)));
  return { measurements, missing };
}
