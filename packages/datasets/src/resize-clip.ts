import { resizePixels } from '@od-vae/video';

import type { VideoClip } from './crop-clip.ts';

/** A square clip with other sides, bilinear and antialiased. */
export function resizeClip(clip: VideoClip, size: number): VideoClip {
  const { frames, height, width } = clip;
  if (height === size) return clip;
  const data = new Uint8Array(frames * size * size * 3);
  for (let frame = 0; frame < frames; frame++) {
    const picture = clip.data.subarray(3 * frame * height * width, 3 * (frame + 1) * height * width);
    data.set(resizePixels({ width, height, data: picture }, size, size).data, 3 * frame * size * size);
  }
  return { frames, height: size, width: size, data };
}
