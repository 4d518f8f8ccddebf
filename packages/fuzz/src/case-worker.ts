// The process that runs inputs, one after the other; its parent ends it where one takes too long or too much.
import type { CaseResult } from './case-result.ts';
import { inputAt, runCase } from './run-case.ts';
import type { Target } from './target.ts';

/** What a worker is asked to do. */
export interface WorkerRequest {
  /** Module that has the targets. */
  readonly module: string;
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** What a worker says. */
export type WorkerMessage =
  | { readonly began: number; readonly input: string }
  | { readonly result: CaseResult }
  | { readonly done: true };

/** Memory above which garbage is collected between inputs, so that it is not taken for an input's own. */
const COLLECT_ABOVE = 300e6;

let current = -1;
let describeCurrent = (): string => '';

function tell(message: WorkerMessage): Promise<void> {
  return new Promise((sent) => process.send!(message, undefined, undefined, () => sent()));
}

async function lastWords(error: unknown): Promise<void> {
  const message = `after the call had ended: ${String((error as Error)?.stack ?? error).slice(0, 1500)}`;
  await tell({ result: { index: current, kind: 'crash', message, input: describeCurrent(), milliseconds: 0 } });
  process.exit(1);
}

async function work({ module, target: name, seed, from, to }: WorkerRequest): Promise<void> {
  const { targets } = (await import(module)) as { targets: ReadonlyMap<string, Target> };
  const target = targets.get(name)!;
  const inputs = await target.inputs();
  await warmUp(target, inputAt(inputs, seed, from));
  for (current = from; current < to; current++) {
    const input = inputAt(inputs, seed, current);
    describeCurrent = () => target.describe(input);
    await tell({ began: current, input: target.describe(input) });
    const result = await runCase(target, input, current);
    // Promises that nobody waits for fail a moment later.
    await new Promise((soon) => setImmediate(soon));
    await tell({ result });
    if (process.memoryUsage.rss() > COLLECT_ABOVE) (globalThis as { gc?: () => void }).gc?.();
  }
  await target.close?.();
  await tell({ done: true });
  process.exit(0);
}

/** What is loaded and opened once and for all must not count as left over. */
async function warmUp(target: Target, input: unknown): Promise<void> {
  await target.run(input).catch(() => undefined);
}

process.on('uncaughtException', (error) => void lastWords(error));
process.on('unhandledRejection', (error) => void lastWords(error));
process.on('disconnect', () => process.exit(1));
process.once('message', (request: WorkerRequest) => void work(request));
