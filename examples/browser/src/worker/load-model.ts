import type { LongCallOptions } from '@od-vae/core';
import { releases, variants } from '@od-vae/models';
import { OdVae } from 'od-vae';

import type { ModelChoice } from '../protocol.ts';

let loaded: { readonly key: string; readonly vae: OdVae } | undefined;

/** The chosen model on the backend in use; one is kept, for the next run with the same. */
export async function loadModel(choice: ModelChoice, backend: string, options: LongCallOptions): Promise<OdVae> {
  const config = await configOf(choice);
  const key = JSON.stringify([backend, nameOf(choice.source), config]);
  if (loaded?.key === key) return loaded.vae;
  loaded?.vae.dispose();
  loaded = undefined;
  const vae = await OdVae.fromPretrained(choice.source, { config, ...options });
  loaded = { key, vae };
  return vae;
}

function nameOf(source: ModelChoice['source']): unknown {
  if (typeof source === 'string') return source;
  const { name, lastModified } = source as Partial<File>;
  return [name, lastModified, source.size];
}

async function configOf({ config, architecture = '' }: ModelChoice): Promise<unknown> {
  if (config) {
    try {
      return JSON.parse(await config.text()) as unknown;
    } catch (cause) {
      throw new Error('The config.json is not JSON.', { cause });
    }
  }
  const [kind, name = ''] = architecture.split(' ');
  const presets: Readonly<Record<string, unknown>> = kind === 'variant' ? variants : releases;
  return presets[name];
}
