import type { Contender } from '../contenders/contenders.ts';
import type { Settings } from '../parse-arguments.ts';

/** Contenders that start on this machine, and why the others do not. */
export async function findContenders(
  wanted: readonly Contender[],
  { threads, limit }: Pick<Settings, 'threads' | 'limit'>,
): Promise<{ present: Contender[]; missing: Record<string, string> }> {
  const present: Contender[] = [];
  const missing: Record<string, string> = {};
  for (const contender of wanted) {
    try {
      await (await contender.start({ threads, limit })).end();
      present.push(contender);
    } catch (error) {
      missing[contender.id] = `${(error as Error).message} (to install: ${contender.install})`;
    }
  }
  return { present, missing };
}
