import { element } from './element.ts';
import type { PictureEvent } from './protocol.ts';

/** Original and reconstruction over each other, with a divider that shows as much of each as one likes. */
export class Comparison {
  readonly #box = element('picture', HTMLDivElement);
  readonly #divider = element('divider', HTMLInputElement);
  readonly #canvases = {
    original: element('original', HTMLCanvasElement),
    rebuilt: element('rebuilt', HTMLCanvasElement),
  };
  #pictures: Record<PictureEvent['side'], ImageData[]> = { original: [], rebuilt: [] };
  #width = 1;

  constructor() {
    this.#divider.addEventListener('input', () => this.#split());
    this.#split();
  }

  /** Makes room for a clip of this size, and forgets the one before. */
  open(width: number, height: number): void {
    this.#pictures = { original: [], rebuilt: [] };
    this.#width = width;
    this.#box.style.setProperty('--ratio', String(width / height));
    for (const canvas of Object.values(this.#canvases)) Object.assign(canvas, { width, height });
  }

  /** Takes in a picture. */
  add({ side, index, rgba }: PictureEvent): void {
    this.#pictures[side][index] = new ImageData(rgba, this.#width);
  }

  /** Shows this frame on both sides, or on those that have it. */
  draw(index: number): void {
    for (const side of ['original', 'rebuilt'] as const) {
      const picture = this.#pictures[side][index];
      if (picture) this.#canvases[side].getContext('2d')!.putImageData(picture, 0, 0);
    }
  }

  #split(): void {
    const { value } = this.#divider;
    this.#box.style.setProperty('--split', `${value}%`);
    this.#divider.setAttribute('aria-valuetext', `${value} % original, ${100 - Number(value)} % reconstruction`);
  }
}
