import { element } from './element.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** Room for the numbers beside and below the curve, in pixels. */
const MARGIN = { left: 34, right: 10, top: 8, bottom: 22 };

/** The PSNR of each frame as a curve, drawn as the frames come. */
export class QualityChart {
  readonly #box = element('quality-chart', HTMLDivElement);
  #values: number[] = [];
  #frames = 33;
  #now = 0;
  #summary = 'No frames yet';

  /** @param seek hears which frame was clicked on */
  constructor(seek: (index: number) => void) {
    new ResizeObserver(() => this.#draw()).observe(this.#box);
    this.#box.addEventListener('click', ({ offsetX }) => {
      if (this.#values.length > 0) seek(this.#frameAt(offsetX));
    });
    this.#draw();
  }

  /** Starts over with a clip of so many frames. */
  open(frames: number): void {
    [this.#values, this.#frames, this.#now, this.#summary] = [[], frames, 0, 'No frames yet'];
    this.#draw();
  }

  /** Adds the next frame's decibels. */
  add(psnr: number): void {
    this.#values.push(psnr);
    this.#draw();
  }

  /** Ends the clip, which may have had fewer frames: the curve takes the whole width, and words say what it shows. */
  end(summary: string): void {
    [this.#frames, this.#summary] = [this.#values.length, summary];
    this.#draw();
  }

  /** Marks the frame that is shown. */
  mark(index: number): void {
    this.#now = index;
    this.#placeMark();
  }

  #frameAt(x: number): number {
    const { width } = this.#size();
    return Math.round(((x - MARGIN.left) / (width - MARGIN.left - MARGIN.right)) * (this.#frames - 1));
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(120, this.#box.clientWidth), height: Math.max(80, this.#box.clientHeight) };
  }

  #range(): { low: number; high: number; step: number } {
    if (this.#values.length === 0) return { low: 15, high: 35, step: 5 };
    const [least, most] = [Math.min(...this.#values), Math.max(...this.#values)];
    const step = most - least > 12 ? 5 : most - least > 4 ? 2 : 1;
    const low = Math.floor(least / step - 0.2) * step;
    return { low, high: Math.max(low + 2 * step, Math.ceil(most / step + 0.2) * step), step };
  }

  #x(index: number): number {
    const { width } = this.#size();
    return MARGIN.left + (index / Math.max(1, this.#frames - 1)) * (width - MARGIN.left - MARGIN.right);
  }

  #y(value: number): number {
    const { height } = this.#size();
    const { low, high } = this.#range();
    return height - MARGIN.bottom - ((value - low) / (high - low)) * (height - MARGIN.top - MARGIN.bottom);
  }

  #draw(): void {
    const { width, height } = this.#size();
    const { low, high, step } = this.#range();
    const svg = node('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': this.#summary });
    for (let tick = low; tick <= high + 1e-9; tick += step) {
      const y = this.#y(tick);
      svg.append(node('line', { class: 'grid', x1: MARGIN.left, x2: width - MARGIN.right, y1: y, y2: y }));
      svg.append(node('text', { x: MARGIN.left - 8, y: y + 4, 'text-anchor': 'end' }, String(tick)));
    }
    svg.append(node('text', { x: MARGIN.left, y: height - 4 }, 'frame 1'));
    const last = node('text', { x: width - MARGIN.right, y: height - 4, 'text-anchor': 'end' }, String(this.#frames));
    svg.append(last);
    if (this.#values.length > 0) {
      const mean = this.#y(this.#values.reduce((sum, value) => sum + value, 0) / this.#values.length);
      const points = this.#values.map((value, index) => `${this.#x(index)},${this.#y(value)}`).join(' ');
      svg.append(node('line', { class: 'mean', x1: MARGIN.left, x2: width - MARGIN.right, y1: mean, y2: mean }));
      svg.append(node('polyline', { class: 'curve', points }), node('circle', { class: 'now', r: 5 }));
    }
    this.#box.replaceChildren(svg);
    this.#placeMark();
  }

  #placeMark(): void {
    const value = this.#values[this.#now];
    const mark = this.#box.querySelector('.now');
    if (value === undefined || !mark) return;
    mark.setAttribute('cx', String(this.#x(this.#now)));
    mark.setAttribute('cy', String(this.#y(value)));
  }
}

function node(name: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}
