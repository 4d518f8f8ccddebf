import { ConfigError } from '@od-vae/core';
import { backend, getBackend } from '@tensorflow/tfjs-core';

import type { Model } from './model.ts';
import type { JobFolder, JobSettings } from './node/job-folder.ts';
import { STREAM } from './source-identity.ts';

/** How a long call deals with being ended. */
export interface ResumeOptions {
  /**
   * Goes on where a call with the same settings was ended, and keeps the finished groups (in a folder `<target>.partial`)
   * when it is ended itself; Node only. By default nothing is kept, and what is there is thrown away.
   */
  resume?: boolean | undefined;
}

/** Where the finished groups of a job with a target lie. */
export function partialPath(target: string): string {
  return `${target.replace(/[/\\]+$/, '')}.partial`;
}

/** Opens the folder of a job; all that decides its bytes is compared with what it was begun with. */
export async function openJob(
  path: string,
  model: Model,
  settings: JobSettings,
  { resume = false }: ResumeOptions,
): Promise<JobFolder> {
  if (resume && settings['source'] === STREAM) {
    throw new ConfigError('A stream comes once, so that a job with one cannot go on; read from a file to use resume.');
  }
  const { JobFolder: Folder } = await import('#node/job-folder');
  return Folder.open(path, { ...settings, ...modelSettings(model) }, { resume });
}

function modelSettings({ label, weightHash, spatialUpsample, config }: Model): JobSettings {
  // How a backend of ours adds up decides the last bits.
  const { level } = backend() as { level?: string };
  return {
    model: label,
    weights: weightHash,
    config: config.official,
    spatialUpsample,
    backend: level ? `${getBackend()} (${level})` : getBackend(),
  };
}
