import { TrainingError } from './training-error.ts';

/**
 * Which of the named weights learn, in their order.
 *
 * @param patterns names, or what begins them, with `*` for anything; undefined for all
 * @throws TrainingError when a pattern is the name of none
 */
export function trainedWeights(names: readonly string[], patterns: readonly string[] | undefined): boolean[] {
  if (!patterns) return names.map(() => true);
  const tests = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[^\w]/g, String.raw`\$&`));
    return new RegExp(`^${parts.join('.*')}(?:\\.|$)`);
  });
  const unused = patterns.find((_, index) => !names.some((name) => tests[index]!.test(name)));
  if (unused !== undefined || patterns.length === 0) {
    const what = unused === undefined ? 'none is named' : `"${unused}" names none`;
    throw new TrainingError(`What is trained must name weights such as "decoder" or "${names.at(-1)}", but ${what}.`);
  }
  return names.map((name) => tests.some((test) => test.test(name)));
}
