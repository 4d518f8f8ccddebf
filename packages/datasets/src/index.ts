export { type BatchOptions, clipBatches, clipTensor } from './clip-batches.ts';
export type { CacheOptions } from './clip-cache.ts';
export type { VideoClip } from './crop-clip.ts';
export { findVideos, type FindVideosOptions } from './find-videos.ts';
export { frameWindow, type WindowOptions } from './frame-window.ts';
export { readAhead } from './read-ahead.ts';
export { sampleOrder } from './sample-order.ts';
export { VideoFolder, type VideoFolderOptions } from './video-folder.ts';
