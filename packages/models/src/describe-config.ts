import { type OdVaeConfig, parseConfig } from './config.ts';
import { releases, variants } from './presets.ts';

/** Which published architecture a config has, whatever its width: `variant 4 (release v1.2)`, or `custom`. */
export function describeConfig(config: OdVaeConfig): string {
  const shape = architecture(config);
  const variant = Object.entries(variants).find(([, preset]) => architecture(parseConfig(preset)) === shape)?.[0];
  const release = Object.entries(releases).find(([, preset]) => architecture(parseConfig(preset)) === shape)?.[0];
  if (variant) return release ? `variant ${variant} (release ${release})` : `variant ${variant}`;
  return release ? `release ${release}` : 'custom';
}

/** All that decides how the layers are put together, and nothing that decides how wide they are. */
function architecture({ encoder, decoder, quantConv }: OdVaeConfig): string {
  const unsized = ({ levels, ...rest }: OdVaeConfig['encoder'] | OdVaeConfig['decoder']) => ({
    ...rest,
    levels: levels.map((level) => ({ ...level, channels: undefined })),
  });
  return JSON.stringify([unsized(encoder), unsized(decoder), quantConv]);
}
