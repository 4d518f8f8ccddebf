import { UsageError } from '../usage-error.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Objects laid over each other, the later winning; lists and everything else are replaced whole. */
export function mergeSettings(...layers: readonly Settings[]): Settings {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer)) {
      const old = merged[key];
      merged[key] = isSettings(old) && isSettings(value) ? mergeSettings(old, value) : value;
    }
  }
  return merged;
}

/**
 * What `--set data.frames=9` says, as an object: the value is JSON where it can be read so, and text otherwise.
 *
 * @throws UsageError when there is no `key=value`
 */
export function parseSetting(text: string): Settings {
  const [, path, value] = /^([\w.-]+)=(.*)$/s.exec(text) ?? [];
  if (path === undefined || value === undefined) {
    throw new UsageError(`--set needs key=value, such as data.frames=9, but got "${text}".`);
  }
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), jsonOrText(value)) as Settings;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
