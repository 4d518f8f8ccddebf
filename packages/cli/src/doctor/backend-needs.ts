/** What a backend of a package of its own needs on this machine. */
interface BackendNeeds {
  /** What installs it with npm. */
  readonly install: string;
  /** What is still missing once its package is there, such as a driver, each with its remedy. */
  readonly examine?: () => Promise<readonly string[]>;
}

/** Backends that do not come with od-vae: the place where a backend's package tells `doctor` what it looks for. */
const NEEDS: Readonly<Record<string, BackendNeeds>> = {
  webgpu: { install: 'npm install @od-vae/backend-webgpu webgpu' },
  tensorflow: { install: 'npm install @od-vae/backend-node @tensorflow/tfjs-node' },
};

/** What a backend that does not start lacks: one line for each thing, with what to do about it. */
export async function missingFor(backend: string, isInstalled: boolean): Promise<readonly string[]> {
  const needs = NEEDS[backend];
  if (!needs) return [];
  return isInstalled ? ((await needs.examine?.()) ?? []) : [needs.install];
}
