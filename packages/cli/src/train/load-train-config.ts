import type { z } from 'zod';

import { UsageError } from '../usage-error.ts';
import { mergeSettings, parseSetting } from './merge-settings.ts';
import { type TrainConfig, trainConfigSchema } from './train-config.ts';
import { type TrainPreset, trainPresets } from './train-presets.ts';

const MAX_CONFIG_BYTES = 10_000_000;

/** Where the settings of a run come from; later ones win. */
export interface ConfigSources {
  readonly preset?: TrainPreset | undefined;
  /** A JSON file, or a module whose default export is the configuration. */
  readonly file?: string | undefined;
  /** `key=value`, keys with dots. */
  readonly set: readonly string[];
}

/**
 * The configuration of a run, checked.
 *
 * @throws UsageError that names the field, what it must be and what it is
 */
export async function loadTrainConfig({ preset, file, set }: ConfigSources): Promise<TrainConfig> {
  const written = file === undefined ? {} : await readSettings(file);
  const settings = mergeSettings(preset ? trainPresets[preset] : {}, written, ...set.map(parseSetting));
  const result = trainConfigSchema.safeParse(settings);
  if (result.success) return result.data;
  throw new UsageError(`The configuration ${file ? `"${file}" ` : ''}cannot be used: ${sentence(result.error)}`);
}

async function readSettings(file: string): Promise<Record<string, unknown>> {
  const { stat } = await import('node:fs/promises');
  const { size } = await stat(file);
  if (size > MAX_CONFIG_BYTES) {
    throw new UsageError(`A configuration has at most ${MAX_CONFIG_BYTES} bytes, but "${file}" has ${size}.`);
  }
  const settings = /\.json$/i.test(file) ? await readJson(file) : await importModule(file);
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) {
    return settings as Record<string, unknown>;
  }
  throw new UsageError(`"${file}" must hold one object (a module, as its default export).`);
}

async function readJson(file: string): Promise<unknown> {
  const { readFile } = await import('node:fs/promises');
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`"${file}" must be JSON, but ${(error as Error).message}.`, { cause: error });
  }
}

/** TypeScript as well, which Node before 22.18 does not read by itself. */
async function importModule(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const { resolve } = await import('node:path');
  return createJiti(import.meta.url).import(resolve(file), { default: true });
}

function sentence(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ');
}
