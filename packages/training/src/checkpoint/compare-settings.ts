import type { TrainingOptions } from '../training-options.ts';

/** Differences that a message names. */
const MOST_SHOWN = 50;

type Settings = Readonly<Record<string, unknown>>;

/** Returns the options that decide the result of a run, as JSON values with their defaults. */
export function trainingSettings(options: TrainingOptions): Settings {
  const { perceptual, adversarial } = options;
  const settings = {
    seed: options.seed,
    learningRate: options.learningRate,
    adam: options.adam,
    pixelError: options.pixelError ?? 'l1',
    klWeight: options.klWeight ?? 1e-6,
    perceptual: perceptual && { network: perceptual.network, weight: perceptual.weight },
    adversarial: adversarial && {
      ...adversarial,
      weight: adversarial.weight ?? 0.5,
      kind: adversarial.kind ?? 'hinge',
    },
    averageDecay: options.averageDecay,
    trained: options.trained,
    clipNorm: options.clipNorm,
    noise: options.noise && 'a function',
  };
  return JSON.parse(JSON.stringify(settings)) as Settings;
}

/**
 * Lists every value that differs between the settings of a checkpoint and those of this run, such as `seed is 2 instead of 1`.
 *
 * @param free names with dots that may differ
 */
export function listDifferences(
  saved: unknown,
  current: unknown,
  free: ReadonlySet<string> = new Set(),
  name = '',
): string[] {
  if (free.has(name)) return [];
  if (isSettings(saved) && isSettings(current)) {
    const keys = [...new Set([...Object.keys(saved), ...Object.keys(current)])];
    return keys.flatMap((key) => listDifferences(saved[key], current[key], free, name === '' ? key : `${name}.${key}`));
  }
  const [before, now] = [saved, current].map((value) => shown(value));
  return before === now ? [] : [`${name} is ${now} instead of ${before}`];
}

/** Joins differences to the end of a sentence; of very many, the first are named. */
export function joinDifferences(differences: readonly string[]): string {
  const rest = differences.length - MOST_SHOWN;
  return [...differences.slice(0, MOST_SHOWN), ...(rest > 0 ? [`${rest} more differ`] : [])].join('; ');
}

function shown(value: unknown): string {
  return value === undefined || value === null ? 'not set' : JSON.stringify(value);
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
