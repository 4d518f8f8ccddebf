import { chunkTensors, latentTensors, readChunk } from '../latent-tensors.ts';
import type { GroupStore } from '../group-store.ts';
import type { LatentChunk } from '../latents.ts';
import type { JobFolder } from './job-folder.ts';

/** Groups of latents in the folder of a job. */
export function latentsStore(job: JobFolder): GroupStore<LatentChunk> {
  return {
    has: (index) => job.has('latents', index),
    read: async (index) => {
      await using part = await job.read('latents', index);
      const latents = latentTensors(part.label, part.tensors);
      return await readChunk(latents, 0, latents.shape[0]);
    },
    write: (index, chunk) => job.write('latents', index, chunkTensors(chunk)),
  };
}
