import type { WriterOptions } from '@od-vae/video';

/** How a video is written. */
export type VideoOutputOptions = Pick<WriterOptions, 'format' | 'codec' | 'quality' | 'lossless'>;
