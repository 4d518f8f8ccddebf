import { MediaError } from '@od-vae/core';
import type { Frame } from '@od-vae/video';

import type { GroupStore } from '../group-store.ts';
import type { JobFolder } from './job-folder.ts';

/** The written frames of one group, and a score for each where frames are scored. */
export interface StoredFrames<Score> {
  readonly frames: readonly Frame[];
  readonly scores: readonly Score[];
}

/** Groups of frames, as they are written to a video, in the folder of a job. */
export function framesStore<Score>(
  job: JobFolder,
  { width, height }: { width: number; height: number },
): GroupStore<StoredFrames<Score>> {
  const size = width * height * 3;
  return {
    has: (index) => job.has('frames', index),
    read: async (index) => {
      await using part = await job.read('frames', index);
      const tensor = part.tensors.get('frames');
      if (tensor?.dtype !== 'U8' || String(tensor.shape.slice(1)) !== String([height, width, 3])) {
        throw new MediaError(
          `${part.label}: must hold "frames" [time, ${height}, ${width}, 3] of bytes, but does not.`,
        );
      }
      const pixels = await tensor.bytes();
      const frames = Array.from({ length: tensor.shape[0]! }, (_, frame) => ({
        width,
        height,
        data: pixels.subarray(frame * size, (frame + 1) * size),
        timestamp: 0,
      }));
      return { frames, scores: JSON.parse(part.metadata['scores'] ?? '[]') as Score[] };
    },
    write: async (index, { frames, scores }) => {
      const tensor = {
        name: 'frames',
        dtype: 'U8' as const,
        shape: [frames.length, height, width, 3],
        bytes: () => Promise.reject(new Error('The bytes of frames come in pieces.')),
        async *pieces() {
          for (const { data } of frames) yield data;
        },
      };
      await job.write('frames', index, [tensor], { scores: JSON.stringify(scores) });
    },
  };
}
