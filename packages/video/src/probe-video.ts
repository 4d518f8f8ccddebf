import { openSource } from './open-source.ts';
import type { VideoInfo, VideoSource } from './types.ts';

/** Tells what a video is without decoding it. */
export async function probeVideo(source: VideoSource): Promise<VideoInfo> {
  const opened = await openSource(source);
  try {
    return opened.info;
  } finally {
    await opened.close();
  }
}
