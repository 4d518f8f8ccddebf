import { rampColour } from './colour-ramp.ts';
import { element } from './element.ts';
import type { LatentsEvent } from './protocol.ts';

/** Channels that are shown; every released model has four. */
const SHOWN = 4;

/** Height of a picture, in pixels of the page. */
const HEIGHT = 56;

type Chunk = Pick<LatentsEvent, 'data' | 'shape'>;

/** Frames to a latent frame, before a model says it. */
const STRIDE = 4;

/** The latents as pictures: a row for each channel, a picture for each latent frame. */
export class LatentPictures {
  readonly #box = element('latents', HTMLDivElement);
  readonly #text = element('latents-text', HTMLParagraphElement);
  readonly #noLatents = this.#text.textContent;
  #chunks: Chunk[] = [];
  #stride = STRIDE;

  constructor() {
    this.open(33);
  }

  /** Starts over with a clip of at most so many frames. */
  open(frames: number): void {
    this.#chunks = [];
    this.#text.textContent = this.#noLatents;
    const empty = Array.from({ length: Math.ceil((frames - 1) / STRIDE) + 1 }, () => document.createElement('i'));
    const rows = Array.from({ length: SHOWN }, (_, channel) => row(`Channel ${channel + 1}`, 'low to high'));
    for (const one of rows) one.append(...empty.map((picture) => picture.cloneNode()));
    this.#box.replaceChildren(...rows);
  }

  /** Adds the latents of the next frames; the scale of each channel covers all that came. */
  add({ timeStride, ...chunk }: LatentsEvent): void {
    this.#chunks.push(chunk);
    this.#stride = timeStride;
    const [, height, width, channels] = chunk.shape;
    const time = this.#chunks.reduce((sum, { shape }) => sum + shape[0], 0);
    const shown = Math.min(SHOWN, channels);
    this.#text.textContent =
      `${channels} channels of ${time} latent frames of ${width}×${height}, from low (dark) to high (bright)` +
      (shown < channels ? `; the first ${shown}` : '');
    this.#box.replaceChildren(...Array.from({ length: shown }, (_, channel) => this.#row(channel)));
  }

  /** Marks the latent frame that the shown frame belongs to. */
  mark(frame: number): void {
    const latent = Math.ceil(frame / this.#stride);
    for (const one of this.#box.children) {
      for (const [index, canvas] of one.querySelectorAll('canvas').entries()) {
        canvas.toggleAttribute('data-now', index === latent);
      }
    }
  }

  #row(channel: number): HTMLElement {
    const { low, high } = this.#range(channel);
    const range = `${low.toFixed(1)} to ${high.toFixed(1)}`;
    const made = row(`Channel ${channel + 1}`, range);
    for (const chunk of this.#chunks) {
      for (let frame = 0; frame < chunk.shape[0]; frame++) made.append(picture(chunk, frame, channel, low, high));
    }
    return made;
  }

  #range(channel: number): { low: number; high: number } {
    let [low, high] = [Infinity, -Infinity];
    for (const { data, shape } of this.#chunks) {
      for (let index = channel; index < data.length; index += shape[3]) {
        low = Math.min(low, data[index]!);
        high = Math.max(high, data[index]!);
      }
    }
    return { low, high };
  }
}

function row(name: string, range: string): HTMLElement {
  const made = Object.assign(document.createElement('div'), { className: 'latent-row' });
  const label = document.createElement('span');
  label.append(Object.assign(document.createElement('b'), { textContent: name }), range);
  made.append(label);
  return made;
}

function picture({ data, shape }: Chunk, frame: number, channel: number, low: number, high: number): HTMLElement {
  const [, height, width, channels] = shape;
  const canvas = Object.assign(document.createElement('canvas'), { width, height, ariaHidden: 'true' });
  canvas.style.width = `${Math.round((HEIGHT * width) / height)}px`;
  const pixels = new ImageData(width, height);
  for (let index = 0; index < width * height; index++) {
    const value = data[(frame * width * height + index) * channels + channel]!;
    pixels.data.set([...rampColour((value - low) / (high - low || 1)), 255], 4 * index);
  }
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas;
}
