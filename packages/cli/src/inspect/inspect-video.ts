import { probeVideo, type VideoInfo } from '@od-vae/video';

/** What `od-vae inspect` says of a video, GIF or image. */
export interface VideoReport extends VideoInfo {
  readonly kind: 'video';
  readonly input: string;
}

/** Tells what a video is, without decoding it. */
export async function inspectVideo(input: string): Promise<VideoReport> {
  return { kind: 'video', input, ...(await probeVideo(input)) };
}
