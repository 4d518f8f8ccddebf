import { Comparison } from './comparison.ts';
import { Downloads } from './downloads.ts';
import { element } from './element.ts';
import type { Engine } from './engine.ts';
import { LatentPictures } from './latent-pictures.ts';
import { Player } from './player.ts';
import type { ClipSource, RunEvent, RunReport } from './protocol.ts';
import { QualityChart } from './quality-chart.ts';
import { SizesTable } from './sizes-table.ts';

/** A selected clip. */
export interface Clip {
  readonly source: ClipSource;
  readonly name: string;
  /** Size of the file; undefined for a recording. */
  readonly bytes: number | undefined;
}

/** A completed run. */
export interface Result {
  readonly clip: Clip;
  /** All events of the run, so that it can be shown again. */
  readonly events: readonly RunEvent[];
  readonly report: RunReport;
  /** Seconds from the start to the end of the run, reading and loading included. */
  readonly seconds: number;
}

/** Pictures, chart, latents, sizes and downloads of a run. */
export class ResultView {
  readonly #comparison = new Comparison();
  readonly #latents = new LatentPictures();
  readonly #sizes = new SizesTable();
  readonly #downloads: Downloads;
  readonly #chart: QualityChart;
  readonly #player: Player;
  readonly #quality = element('quality-text', HTMLParagraphElement);
  readonly #noQuality = this.#quality.textContent;
  #frames = 33;
  #index = 0;

  /** @param fail is called with a sentence when a download fails */
  constructor(engine: Engine, fail: (sentence: string) => void) {
    this.#downloads = new Downloads(engine, fail);
    this.#chart = new QualityChart((index) => {
      this.#player.pause();
      this.#player.seek(index);
    });
    this.#player = new Player((index) => {
      this.#index = index;
      this.#comparison.draw(index);
      this.#chart.mark(index);
      this.#latents.mark(index);
    });
  }

  /** Disables the controls for a run of at most so many frames; the previous result is shown until its first event. */
  begin(frames: number): void {
    this.#frames = frames;
    this.#player.close();
    this.#downloads.close();
  }

  /** Removes the result. */
  clear(): void {
    this.#player.close();
    this.#downloads.close();
    this.#sizes.clear();
    this.#chart.open(this.#frames);
    this.#latents.open(this.#frames);
    this.#quality.textContent = this.#noQuality;
  }

  /** Shows an event of a run. */
  receive(event: RunEvent): void {
    if (event.type === 'clip') {
      this.clear();
      this.#comparison.open(event.width, event.height);
    } else if (event.type === 'picture') {
      this.#comparison.add(event);
      if (event.quality) this.#chart.add(event.quality.psnr);
      if (event.index === 0) this.#comparison.draw(0);
    } else if (event.type === 'latents') this.#latents.add(event);
  }

  /** Completes a run, all of whose events have been shown; returns its quality in words. */
  complete({ clip, events, report, seconds }: Result): string {
    const { frames, fps, psnr, ssim } = report;
    const quality = `Mean PSNR ${psnr.toFixed(2)} dB${ssim === undefined ? '' : `, SSIM ${ssim.toFixed(3)}`}`;
    this.#chart.end(`PSNR of ${frames} frames. ${quality}.`);
    this.#quality.textContent = quality;
    this.#sizes.show(report, seconds, clip.bytes);
    this.#downloads.open(clip.name, events, report);
    this.#player.open(frames, fps);
    return quality;
  }

  /** Shows a completed run again, at the same frame. */
  restore(result: Result): void {
    const index = this.#index;
    for (const event of result.events) this.receive(event);
    this.complete(result);
    this.#player.seek(index);
  }

  /** Plays the result. */
  play(): void {
    this.#player.play();
  }
}
