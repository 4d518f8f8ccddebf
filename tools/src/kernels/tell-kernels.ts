import { parseArgs } from 'node:util';

import { backendCases, type CaseResult, checkCase, kernelCoverage } from '@od-vae/kernel-suite';
import { useBackend } from 'od-vae';

import { bringBackend } from '../bring-backend.ts';

const BACKENDS = ['cpu', 'wasm', 'simd', 'tensorflow', 'webgpu'];

const USAGE = `Runs the suite of all backends on each that answers: every op that a backend may fuse, its gradients, and a narrow
model, against references in stock ops on cpu. Then tells which kernels a backend has itself, and which are still to do.

  npm run kernels [-- --backend ${BACKENDS.join('|')}] [--list]

--backend  one alone; by default all, and those that do not answer say why
--list     only the kernels, nothing is computed

OD_VAE_PRECISION=fast lets simd transform convolutions, which errs more than the suite allows it.`;

/** Prints, for each backend that answers, its largest error and its kernels; sets the exit code. */
export async function tellKernels(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { backend: { type: 'string' }, list: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(USAGE);
  process.env['OD_VAE_PRECISION'] ??= 'exact';
  // The references run there, and a TensorFlow that lies elsewhere brings a cpu backend of its own, which must come second.
  await useBackend('cpu');
  for (const name of values.backend === undefined ? BACKENDS : [values.backend]) {
    try {
      await bringBackend(name);
      await useBackend(name);
    } catch (error) {
      console.log(`${name}: not here (${(error as Error).message})`);
      if (values.backend !== undefined) process.exitCode = 1;
      continue;
    }
    if (values.list) console.log(`${name}:`);
    else await tellCases(name);
    const { own, toDo } = kernelCoverage(name);
    console.log(`  own:   ${own.join(', ') || 'none'}\n  to do: ${toDo.join(', ') || 'nothing'}`);
  }
}

async function tellCases(backend: string): Promise<void> {
  const results: CaseResult[] = [];
  for (const one of backendCases) results.push(await checkCase(one));
  const wrong = results.filter(({ error, tolerance }) => !(error <= tolerance));
  const worst = results.reduce((a, b) => (b.error / b.tolerance > a.error / a.tolerance ? b : a));
  console.log(
    `${backend}: ${results.length - wrong.length} passed, ${wrong.length} failed, largest error ` +
      `${worst.error.toExponential(1)} of ${worst.tolerance.toExponential(0)} allowed (${worst.name})`,
  );
  for (const { name, error, reason } of wrong) console.log(`  FAILED ${name}: ${reason ?? error.toExponential(1)}`);
  if (wrong.length > 0) process.exitCode = 1;
}
