import type { Frame } from '@od-vae/video';

import { button, element } from './element.ts';
import { keepFocus } from './focus.ts';

/** Callbacks of {@link Camera}. */
interface CameraListener {
  /** How many frames to record. */
  frames(): number;
  /** Shows the webcam, or no longer. */
  shown(isShown: boolean): void;
  recorded(frames: readonly Frame[]): void;
  failed(sentence: string): void;
}

/** Longest side of a recorded frame; the model sees less. */
const LONGEST = 640;

/** A webcam whose picture is shown, and recorded when somebody asks for it. */
export class Camera {
  readonly #video = element('camera-video', HTMLVideoElement);
  readonly #record = button('camera-record', () => void this.#recordFrames());
  readonly #stop = button('camera-stop', () => this.close());
  readonly #listener: CameraListener;
  #stream: MediaStream | undefined;
  /** Changes whenever the webcam is opened or closed: permission may be given too late. */
  #attempt = 0;

  constructor(listener: CameraListener) {
    this.#listener = listener;
    button('camera', () => void this.#open());
  }

  /** Turns the webcam off. */
  close(): void {
    this.#attempt++;
    if (!this.#stream) return;
    stop(this.#stream);
    this.#stream = undefined;
    this.#video.srcObject = null;
    this.#listener.shown(false);
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    let stream;
    try {
      if (!navigator.mediaDevices) throw new Error('this page is not served over https');
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: LONGEST } } });
    } catch (error) {
      if (attempt === this.#attempt) this.#listener.failed(cameraSentence(error as Error));
      return;
    }
    if (attempt !== this.#attempt) {
      stop(stream);
      return;
    }
    this.#stream = stream;
    stream.getVideoTracks()[0]!.addEventListener('ended', () => {
      if (this.#stream === stream) this.#fail(new Error('it was disconnected'));
    });
    this.#record.disabled = false;
    this.#record.textContent = `Record ${this.#listener.frames()} frames`;
    this.#listener.shown(true);
    this.#video.srcObject = stream;
    await this.#video.play().catch((error: Error) => {
      if (this.#stream === stream) this.#fail(error);
    });
  }

  #fail(error: Error): void {
    this.close();
    this.#listener.failed(cameraSentence(error));
  }

  async #recordFrames(): Promise<void> {
    const count = this.#listener.frames();
    const stream = this.#stream;
    keepFocus(() => (this.#record.disabled = true), this.#stop);
    const frames: Frame[] = [];
    while (frames.length < count) {
      await nextPicture(this.#video);
      if (this.#stream !== stream) return;
      frames.push(frameOf(this.#video, performance.now() / 1000));
      this.#record.textContent = `Recording ${frames.length} of ${count}`;
    }
    this.close();
    this.#listener.recorded(evenlyTimed(frames));
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Resolves when the video shows another picture. */
function nextPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => resolve());
    else requestAnimationFrame(() => resolve());
  });
}

const canvas = document.createElement('canvas');

function frameOf(video: HTMLVideoElement, timestamp: number): Frame {
  const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
  const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(video, 0, 0, width, height);
  const { data: rgba } = context.getImageData(0, 0, width, height);
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) data.set(rgba.subarray(from, from + 3), to);
  return { width, height, data, timestamp };
}

/** The frames at their average rate: single timestamps of a webcam jitter. */
function evenlyTimed(frames: readonly Frame[]): Frame[] {
  const [first, last] = [frames[0]!, frames.at(-1)!];
  const step = (last.timestamp - first.timestamp) / Math.max(1, frames.length - 1) || 1 / 25;
  return frames.map((frame, index) => ({ ...frame, timestamp: index * step }));
}

function cameraSentence({ name, message }: Error): string {
  if (name === 'NotAllowedError') return 'The webcam may not be used: allow it for this page, then try again.';
  if (name === 'NotFoundError') return 'No webcam was found.';
  return `The webcam cannot be used: ${message.replace(/\.$/, '')}.`;
}
