import type { Frame } from '@od-vae/video';

import { button, element } from './element.ts';

/** What {@link Camera} tells. */
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
  readonly #view = element('camera-view', HTMLDivElement);
  readonly #video = element('camera-video', HTMLVideoElement);
  readonly #record = button('camera-record', () => void this.#recordFrames());
  readonly #listener: CameraListener;
  #stream: MediaStream | undefined;

  constructor(listener: CameraListener) {
    this.#listener = listener;
    button('camera', () => void this.#open());
    button('camera-stop', () => this.close());
  }

  /** Turns the webcam off. */
  close(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video.srcObject = null;
    this.#view.hidden = true;
    this.#listener.shown(false);
  }

  async #open(): Promise<void> {
    try {
      if (!navigator.mediaDevices) throw new Error('this page is not served over https');
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: LONGEST } } });
    } catch (error) {
      this.#listener.failed(cameraSentence(error as Error));
      return;
    }
    this.#record.disabled = false;
    this.#record.textContent = `Record ${this.#listener.frames()} frames`;
    this.#view.hidden = false;
    this.#listener.shown(true);
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    this.#record.focus();
  }

  async #recordFrames(): Promise<void> {
    const count = this.#listener.frames();
    this.#record.disabled = true;
    const frames: Frame[] = [];
    while (frames.length < count && this.#stream) {
      await nextPicture(this.#video);
      if (!this.#stream) return;
      frames.push(frameOf(this.#video, performance.now() / 1000));
      this.#record.textContent = `Recording ${frames.length} of ${count}`;
    }
    this.close();
    this.#listener.recorded(evenlyTimed(frames));
  }
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
  return `The webcam does not start: ${message}.`;
}
