import { availableParallelism } from 'node:os';

/** Processes every item, as many at a time as there are processors. */
export async function runInTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const takeTurns = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, takeTurns));
}
