/** A run that took less is repeated. */
const SHORTEST_MS = 100;

/** Seconds of one run, the mean of several where they are short. */
export async function secondsOf(run: () => void | Promise<void>): Promise<number> {
  const began = performance.now();
  for (let runs = 1; ; runs++) {
    await run();
    const elapsed = performance.now() - began;
    if (elapsed >= SHORTEST_MS) return elapsed / 1000 / runs;
  }
}
