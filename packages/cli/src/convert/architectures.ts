import { type OfficialConfig, releases, variants } from '@od-vae/models';

/** A published architecture by the option that names it. */
export interface Architecture {
  /** Such as `variant 4` or `release v1.1`. */
  readonly name: string;
  readonly preset: OfficialConfig;
}

/** Every published architecture once; release v1.2 is variant 4. */
export const ARCHITECTURES: readonly Architecture[] = [
  ...Object.keys(variants).map((variant) => architectureNamed({ variant })),
  ...Object.keys(releases)
    .filter((release) => release !== 'v1.2')
    .map((release) => architectureNamed({ release })),
];

/** The architecture that `--variant` or `--release` names; variant 4, the paper's choice, without either. */
export function architectureNamed({
  variant = '4',
  release,
}: {
  variant?: string | undefined;
  release?: string | undefined;
}): Architecture {
  if (release !== undefined) {
    return { name: `release ${release}`, preset: (releases as Record<string, OfficialConfig>)[release]! };
  }
  return { name: `variant ${variant}`, preset: (variants as Record<string, OfficialConfig>)[variant]! };
}
