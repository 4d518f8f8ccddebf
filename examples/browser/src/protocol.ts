import type { FrameQuality } from '@od-vae/metrics';
import type { Frame } from '@od-vae/video';
import type { LatentsInfo } from 'od-vae';

/** The backends that the page offers, the fastest first. */
export const BACKENDS = ['webgpu', 'simd', 'cpu'] as const;

export type BackendName = (typeof BACKENDS)[number];

/** Whether a backend runs here. */
export interface BackendStatus {
  readonly name: BackendName;
  readonly available: boolean;
  /** Runs, but is nobody's first choice. */
  readonly isSlow: boolean;
  /** Can store clips in 16 bits. */
  readonly hasHalf: boolean;
  /** How it runs, or a sentence that says why it does not. */
  readonly detail: string;
}

/** What is reconstructed: a file, or frames that a camera gave. */
export type ClipSource = Blob | readonly Frame[];

/** Which model runs. */
export interface ModelChoice {
  /** `small`, which comes with the page, or somebody's own: a file or an address. */
  readonly source: Blob | string;
  /** `variant 4`, `release v1.1` and so on where neither the weights nor a config say it. */
  readonly architecture?: string | undefined;
  /** An official config.json. */
  readonly config?: Blob | undefined;
}

/** What a clip goes through. */
export interface RunSettings {
  readonly backend: BackendName;
  /** At most this many frames. */
  readonly frames: number;
  /** Pixels of the shorter side. */
  readonly shortSide: number;
  readonly square: boolean;
  readonly model: ModelChoice;
  /** Stores clips inside the model in 16 bits, where the backend can. */
  readonly half: boolean;
  /** Bytes that the run is planned for. */
  readonly memory: number;
}

/** What comes while a clip is on its way. */
export type RunEvent =
  /** Bytes of the model. */
  | { readonly type: 'model'; readonly done: number; readonly total: number | undefined }
  | { readonly type: 'clip'; readonly width: number; readonly height: number }
  | PictureEvent
  | LatentsEvent
  /** All frames of the clip have been read. */
  | { readonly type: 'read' }
  /** Share of the frames that are encoded and decoded. */
  | { readonly type: 'coded'; readonly encoded: number; readonly decoded: number };

/** The latents of the next frames. */
export interface LatentsEvent {
  readonly type: 'latents';
  readonly data: Float32Array;
  readonly shape: LatentShape;
  /** So many frames become one latent frame. */
  readonly timeStride: number;
}

/** A picture of one side of the comparison. */
export interface PictureEvent {
  readonly type: 'picture';
  readonly side: 'original' | 'rebuilt';
  readonly index: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  /** Of rebuilt pictures. */
  readonly quality?: FrameQuality | undefined;
}

/** Latents as they come, channels last. */
export type LatentShape = readonly [time: number, height: number, width: number, channels: number];

/** What a clip came to. */
export interface RunReport {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly latentShape: LatentShape;
  /** Mean decibels. */
  readonly psnr: number;
  readonly ssim: number | undefined;
  readonly backend: string;
  /** What was done to make the clip fit, in a sentence. */
  readonly note: string | undefined;
  /** Metadata of the latents. */
  readonly info: LatentsInfo;
}

/** Latents of a run, to be saved. */
export interface SaveLatents {
  readonly chunks: readonly Pick<LatentsEvent, 'data' | 'shape'>[];
  readonly info: LatentsInfo;
}

/** Pictures of a run, to be saved as a video. */
export interface SaveVideo {
  /** Each with its RGBA values; several are saved side by side. */
  readonly sides: readonly (readonly Uint8ClampedArray<ArrayBuffer>[])[];
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** A file to be saved. */
export interface SavedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Without the dot. */
  readonly extension: string;
  readonly mimeType: string;
}

/** Everything that the worker does, with what it needs, says meanwhile, and gives. */
export interface Calls {
  backend: { request: BackendName; event: never; result: BackendStatus };
  run: { request: { source: ClipSource; settings: RunSettings }; event: RunEvent; result: RunReport };
  latents: { request: SaveLatents; event: never; result: SavedFile };
  video: { request: SaveVideo; event: never; result: SavedFile };
}

/** What the page sends to the worker. */
export type ToWorker =
  | { readonly [Name in keyof Calls]: { id: number; name: Name; request: Calls[Name]['request'] } }[keyof Calls]
  | { readonly id: number; readonly name: 'cancel' };

/** What the worker sends to the page. */
export type FromWorker =
  /** The call's turn has come. */
  | { readonly id: number; readonly started: true }
  | { readonly id: number; readonly event: Calls[keyof Calls]['event'] }
  | { readonly id: number; readonly result: Calls[keyof Calls]['result'] }
  /** `isBroken`: whatever is asked of this worker from now on will fail. */
  | { readonly id: number; readonly error: string; readonly isBroken: boolean };
