import { ConfigError } from '@od-vae/core';
import type { VideoSource } from '@od-vae/video';
import { backend, getBackend } from '@tensorflow/tfjs-core';

import type { Model } from './model.ts';
import type { JobFolder, JobSettings } from './node/job-folder.ts';

/** How a long call deals with being ended. */
export interface ResumeOptions {
  /**
   * Goes on where a call with the same settings was ended, and keeps the finished groups (in a folder `<target>.partial`)
   * when it is ended itself; Node only. By default nothing is kept, and what is there is thrown away.
   */
  resume?: boolean | undefined;
  /**
   * Resumes also where the source cannot be identified: a stream, or an address whose server reports neither a version nor
   * a length. The caller makes sure that it is the same.
   */
  force?: boolean | undefined;
}

/** Where the finished groups of a job with a target lie. */
export function partialPath(target: string): string {
  return `${target.replace(/[/\\]+$/, '')}.partial`;
}

/** Opens the folder of a job; all that decides its bytes is compared with what it was begun with. */
export async function openJob(
  path: string,
  model: Model,
  { source, ...settings }: JobSettings & { readonly source: VideoSource | string },
  { resume = false, force = false }: ResumeOptions,
): Promise<JobFolder> {
  const { sourceIdentity } = await import('#node/source-identity');
  const identity = await sourceIdentity(source);
  if (resume && identity === undefined && !force) {
    throw new ConfigError(
      'resume: the source must be one that can be identified, such as a file, but it is a stream, or an address whose ' +
        'server reports no version of it; read from a file, or use force where it is certainly the same.',
    );
  }
  const { JobFolder: Folder } = await import('#node/job-folder');
  const all = { source: identity ?? null, ...settings, ...modelSettings(model) };
  return Folder.open(path, all, { resume, force });
}

function modelSettings({ label, weightHash, spatialUpsample, config }: Model): JobSettings {
  // How a backend of ours adds up decides the last bits.
  const { level, storage } = backend() as { level?: string; storage?: string };
  return {
    model: label,
    weights: weightHash,
    config: config.official,
    spatialUpsample,
    storage,
    backend: level ? `${getBackend()} (${level})` : getBackend(),
  };
}
