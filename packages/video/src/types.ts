import type { LiveSource } from './live-source.ts';

/**
 * Where a video comes from: a path, a `file:`, `http(s):`, `blob:` or `data:` address, the bytes themselves, or something
 * that comes once: a stream of bytes (of Node or the web), frames from a generator, or a camera's `MediaStreamTrack`.
 */
export type VideoSource = string | URL | Blob | Uint8Array | LiveSource;

/** One picture of a video. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** RGB, 3 bytes a pixel, row by row from the top left: `width * height * 3` bytes. */
  readonly data: Uint8Array;
  /** When the frame is shown, in seconds on the file's own clock (a file may start after zero). */
  readonly timestamp: number;
}

/** Matrix that converts YUV to RGB; `bt2020` is the one of non-constant luminance, `rgb` means that the file stores RGB. */
export type ColourMatrix = 'bt601' | 'bt709' | 'bt2020' | 'fcc' | 'smpte240m' | 'ycgco' | 'rgb';

/** How the numbers of a file mean colours. */
export interface Colour {
  readonly matrix: ColourMatrix;
  /** `limited` holds black to white in 16..235 (8 bits), `full` in 0..255. */
  readonly range: 'limited' | 'full';
}

/** What a video file is, before any option of the reader. */
export interface VideoInfo {
  /** In square pixels, after rotation. */
  readonly width: number;
  /** In square pixels, after rotation. */
  readonly height: number;
  /** Frames a second; the average where the rate varies. */
  readonly fps: number;
  /** Undefined where counting would mean reading the whole file over the network. */
  readonly frameCount: number | undefined;
  /** Seconds from the first frame's start to the last frame's end; undefined where `frameCount` is. */
  readonly duration: number | undefined;
  /** `avc`, `hevc`, `vp9`, `av1`, `vp8`, `prores`, `rawvideo`, `gif`, `png`, …. */
  readonly codec: string;
  /** `mp4`, `mov`, `matroska`, `webm`, `y4m`, `gif`, `image`, …. */
  readonly container: string;
  /** Clockwise degrees the stored picture is turned by before it is shown: 0, 90, 180 or 270. */
  readonly rotation: number;
  readonly colour: Colour;
  /** Remarks for the user, such as missing numbers in a sequence of images; none by default. */
  readonly notes?: readonly string[] | undefined;
}

/** What `openVideo` gives of a video. Steps run in this order: rate, range, resize, crop. */
export interface ReadOptions {
  /** Index of the first frame, counted after `fps` has been applied; 0 by default. */
  start?: number | undefined;
  /** At most this many frames. */
  frames?: number | undefined;
  /** Resamples to this many frames a second, each the nearest in time; an image sequence simply has this rate. */
  fps?: number | undefined;
  /** Resizes so that the shorter side is this many pixels: bilinear, antialiased; the longer side is rounded down. */
  shortSide?: number | undefined;
  /** Cuts this size out of the middle; `square` keeps the shorter side. */
  crop?: { readonly width: number; readonly height: number } | 'square' | undefined;
  /** Cuts both sides down to multiples of this, around the middle. */
  multipleOf?: number | undefined;
  /**
   * Reads containers with this engine alone: `mediabunny` (codecs of the browser or of @mediabunny/server) or the `ffmpeg`
   * on PATH (Node only). By default mediabunny reads what it can and ffmpeg the rest.
   */
  engine?: MediaEngine | undefined;
  /** Ends reading with the signal's reason, looked at between frames. */
  signal?: AbortSignal | undefined;
}

/** A program that decodes video files. */
export type MediaEngine = 'mediabunny' | 'ffmpeg';

/** An open video; `close` it, or declare it with `await using`. */
export interface VideoReader extends AsyncDisposable {
  /** The file itself. */
  readonly info: VideoInfo;
  /** Width of what `frames` gives. */
  readonly width: number;
  /** Height of what `frames` gives. */
  readonly height: number;
  /** Rate of what `frames` gives. */
  readonly fps: number;
  /** How many frames `frames` gives; undefined where the file's own count is. */
  readonly frameCount: number | undefined;
  /** The frames in the order they are shown; each call starts over. One frame is held at a time. */
  frames(): AsyncGenerator<Frame, void, undefined>;
  /** Frees the file; safe to call twice. */
  close(): Promise<void>;
}

/** One piece of a file and where it goes. */
export interface WriteChunk {
  readonly type: 'write';
  readonly data: Uint8Array<ArrayBuffer>;
  /** Offset in bytes from the start of the file. */
  readonly position: number;
}

/** A stream that takes pieces at any position, such as the browser's `FileSystemWritableFileStream`. */
export type WritableTarget = WritableStream<WriteChunk>;

/** A kind of file this package writes. */
export type VideoFormat = 'mp4' | 'webm' | 'mkv' | 'mov' | 'gif' | 'y4m' | 'png' | 'jpg';

/** A codec for mp4, mov, mkv or webm. */
export type WritableCodec = 'avc' | 'hevc' | 'vp8' | 'vp9' | 'av1';

/** What `createVideoWriter` writes. */
export interface WriterOptions {
  /** Width of every frame, 1 to 16384 pixels. */
  width: number;
  /** Height of every frame, 1 to 16384 pixels. */
  height: number;
  /** Frames a second; frame `n` is shown at `n / fps`, whatever its own timestamp says. */
  fps: number;
  /** Taken from the target's extension by default; needed for a stream. */
  format?: VideoFormat | undefined;
  /** `avc` by default, `vp9` for webm and for odd sizes, which H.264 and H.265 cannot hold in 4:2:0 (so mov cannot). */
  codec?: WritableCodec | undefined;
  /** From 0 (small) to 1 (best); 0.75 by default, where differences are hard to see. */
  quality?: number | undefined;
  /** Codes the 4:2:0 picture without loss (avc, vp9); y4m and png lose less, see the README. */
  lossless?: boolean | undefined;
  /** Ends writing with the signal's reason, looked at before each frame; nothing remains. */
  signal?: AbortSignal | undefined;
}

/** A video being written; disposed without `finish`, it aborts and nothing remains. */
export interface VideoWriter extends AsyncDisposable {
  /** Adds a frame; waits while the encoder or the disk is behind. */
  write(frame: Frame): Promise<void>;
  /** Completes the file and puts it in its place. */
  finish(): Promise<void>;
  /** Throws away what was written. */
  abort(): Promise<void>;
}
