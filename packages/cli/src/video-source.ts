import type { VideoSource } from '@od-vae/video';

/** What a name on the command line means: `-` is the standard input, which is read as it comes. */
export function videoSource(name: string): VideoSource {
  return name === '-' ? process.stdin : name;
}
