/** What happens between the steps of a long call. */
interface StepOptions<Step> {
  readonly signal?: AbortSignal | undefined;
  /** Called after every step with what it yielded. */
  readonly onStep: (step: Step) => void;
}

/** Runs a generator to its result, one step a turn of the event loop; it is ended when the signal or a step says so. */
export async function runSteps<Step, Result>(
  steps: Generator<Step, Result, undefined>,
  { signal, onStep }: StepOptions<Step>,
): Promise<Result> {
  try {
    for (;;) {
      signal?.throwIfAborted();
      const step = steps.next();
      if (step.done) return step.value;
      onStep(step.value);
      await nextTurn();
    }
  } finally {
    // A generator that has ended ignores this; one that has not frees what it holds.
    steps.return(undefined as never);
  }
}

/** Timers run in hidden browser tabs too, animation frames do not. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
