import { ConfigError, MediaError, mixSeeds, uniformSource } from '@od-vae/core/base';

import { type CacheOptions, ClipCache } from './clip-cache.ts';
import { cropClip, type VideoClip } from './crop-clip.ts';
import { type DecodedVideo, openDecoded } from './decoded-video.ts';
import { drawSpan } from './draw-span.ts';
import { findVideos } from './find-videos.ts';
import { frameWindow, type WindowOptions } from './frame-window.ts';
import { recolourClip } from './recolour-clip.ts';
import { resizeClip } from './resize-clip.ts';
import { sampleOrder } from './sample-order.ts';

/** What a folder of videos is cut into. */
export interface VideoFolderOptions extends WindowOptions {
  /** Height and width of a clip, px. */
  readonly size: number;
  /** Decides order, windows, crops and flips. */
  readonly seed: number;
  /** Resizes the short side to `size` first, as the evaluation does; true. Without it clips are cut from full pictures. */
  readonly resize?: boolean | undefined;
  /** Where a clip is cut out: the centre, as the authors do, or anywhere. */
  readonly crop?: 'centre' | 'random' | undefined;
  /** Mirrors every other clip, by chance; false. */
  readonly flip?: boolean | undefined;
  /** Cuts out anything from `size / zoom` to `size * zoom` px, by chance, and resizes it to `size`; 1. */
  readonly zoom?: number | undefined;
  /** Moves the window by up to this many px a frame, across and down, by chance and as far as there is room; 0. */
  readonly pan?: number | undefined;
  /** Gives every other clip other colours, contrast and brightness, by chance; false. */
  readonly recolour?: boolean | undefined;
  readonly cache?: CacheOptions | undefined;
}

/** Different places that a broken file's sample may go to before the folder counts as broken. */
const MAX_REPLACEMENTS = 100;
const MAX_ZOOM = 16;
const MAX_PAN = 65_536;

/** Clips of a folder of videos, by number and without end; what a number gives depends on files and options alone. */
export class VideoFolder {
  /** Paths in the order of their names. */
  readonly files: readonly string[];
  readonly options: VideoFolderOptions;
  /** Files that could not be read, and why; their samples went to others. */
  readonly skipped = new Map<string, string>();
  readonly #order: (index: number) => number;
  #cache: ClipCache | undefined;

  constructor(files: readonly string[], options: VideoFolderOptions) {
    checkOptions(options);
    if (files.length === 0) throw new ConfigError('VideoFolder: needs at least one file, but has none.');
    this.files = files;
    this.options = options;
    this.#order = sampleOrder(files.length, options.seed);
    this.#cache = options.cache && new ClipCache(options.cache);
  }

  /** Opens all videos of a folder and its subfolders; links that lead nowhere are in `skipped`. Node only. */
  static async open(folder: string, options: VideoFolderOptions): Promise<VideoFolder> {
    const skipped = new Map<string, string>();
    const files = await findVideos(folder, { onSkip: (path, reason) => skipped.set(path, reason) });
    const videos = new VideoFolder(files, options);
    for (const [path, reason] of skipped) videos.skipped.set(path, reason);
    return videos;
  }

  /** The same files with some options changed; both keep decoded videos in one cache, whose bytes are counted once. */
  with(options: Omit<Partial<VideoFolderOptions>, 'cache'>): VideoFolder {
    const other = new VideoFolder(this.files, { ...this.options, ...options, cache: undefined });
    other.#cache = this.#cache;
    return other;
  }

  /**
   * The clip of this number, from 0 on.
   *
   * @throws MediaError when no file can be read
   */
  async clip(index: number): Promise<VideoClip> {
    for (let attempt = 0; attempt < MAX_REPLACEMENTS; attempt++) {
      const seed = mixSeeds(this.options.seed, index, attempt);
      const place = attempt === 0 ? this.#order(index) : seed % this.files.length;
      const file = this.files[place]!;
      if (this.skipped.has(file)) continue;
      try {
        return await this.#read(file, uniformSource(seed));
      } catch (error) {
        if (!(error instanceof MediaError)) throw error;
        this.skipped.set(file, error.message);
      }
    }
    const [first] = this.skipped.values();
    throw new MediaError(`VideoFolder: needs a file that can be read, but ${this.skipped.size} cannot: ${first}`);
  }

  async #read(file: string, random: () => number): Promise<VideoClip> {
    const { size, resize = true } = this.options;
    const shortSide = resize ? size : undefined;
    const video = await (this.#cache ? this.#cache.open(file, shortSide) : openDecoded(file, shortSide));
    try {
      return await this.#cut(file, video, random);
    } finally {
      await video.close();
    }
  }

  async #cut(file: string, video: DecodedVideo, random: () => number): Promise<VideoClip> {
    const { size, frames, crop = 'centre', flip = false, zoom = 1, pan = 0, recolour = false } = this.options;
    const { width, height, frameCount } = video;
    if (width < size || height < size) {
      throw new MediaError(`"${file}" is ${width}x${height}, but a clip needs ${size}x${size}.`);
    }
    const indices = frameWindow(frameCount, this.options, random);
    const cut = zoom === 1 ? size : Math.min(width, height, Math.round(size * zoom ** (2 * random() - 1)));
    const span = (length: number) => drawSpan(length, cut, { frames, crop, pan }, random);
    const [columns, rows] = [span(width), span(height)];
    const mirrored = flip && random() < 0.5;
    const data = await video.frames(indices);
    const clip = resizeClip(cropClip({ frames, height, width, data }, { columns, rows, size: cut, mirrored }), size);
    return recolour && random() < 0.5 ? recolourClip(clip, random) : clip;
  }
}

function checkOptions({ frames, size, sampleRate = 1, zoom = 1, pan = 0 }: VideoFolderOptions): void {
  if (!(pan >= 0 && pan <= MAX_PAN)) {
    throw new ConfigError(`VideoFolder: pan must be from 0 to ${MAX_PAN} px a frame, but is ${pan}.`);
  }
  if (!(zoom >= 1 && zoom <= MAX_ZOOM)) {
    throw new ConfigError(`VideoFolder: zoom must be from 1 to ${MAX_ZOOM}, but is ${zoom}.`);
  }
  for (const [name, value] of Object.entries({ frames, size, sampleRate })) {
    if (!Number.isSafeInteger(value) || value < 1 || value > 65_536) {
      throw new ConfigError(`VideoFolder: ${name} must be a whole number from 1 to 65536, but is ${value}.`);
    }
  }
}
