import { button, element } from './element.ts';
import type { RunEvent } from './protocol.ts';
import { shareDone, timeLeftText } from './time-left.ts';

/** How far a run has come, with the time left; screen readers hear of every quarter. */
export class ProgressView {
  readonly #row = element('progress', HTMLDivElement);
  readonly #transport = element('transport', HTMLDivElement);
  readonly #text = element('progress-text', HTMLLabelElement);
  readonly #bar = element('progress-bar', HTMLProgressElement);
  readonly #left = element('time-left', HTMLSpanElement);
  readonly #announcement = element('announcement', HTMLParagraphElement);
  #began: number | undefined;
  #quarter = 0;

  /** @param cancel stops the run */
  constructor(cancel: () => void) {
    button('cancel', cancel);
  }

  /** Takes the place of the playback controls. */
  start(): void {
    [this.#began, this.#quarter] = [undefined, 0];
    this.#show('Starting', undefined, '');
    this.#row.hidden = false;
    this.#transport.hidden = true;
    element('cancel', HTMLButtonElement).focus();
  }

  /** Takes in what a run says. */
  hear(event: RunEvent): void {
    if (event.type === 'model') {
      const { done, total } = event;
      this.#show('Loading', total === undefined ? undefined : done / total, '');
    } else if (event.type === 'clip') this.#show('Reading', undefined, '');
    else if (event.type === 'coded') this.#showCoded(event);
  }

  /** Gives the playback controls their place back. */
  end(said: string): void {
    this.#row.hidden = true;
    this.#transport.hidden = false;
    this.#announcement.textContent = said;
  }

  #showCoded(event: { encoded: number; decoded: number }): void {
    this.#began ??= performance.now();
    const share = shareDone(event);
    const phase = event.encoded < 1 && event.decoded === 0 ? 'Encoding' : 'Decoding';
    const left = timeLeftText(share, performance.now() - this.#began);
    this.#show(phase, share, left);
    const quarter = Math.floor(share * 4);
    if (quarter > this.#quarter && quarter < 4) {
      this.#announcement.textContent = `${phase}, ${quarter * 25} percent done${left && `, ${left}`}.`;
    }
    this.#quarter = quarter;
  }

  #show(text: string, share: number | undefined, left: string): void {
    this.#text.textContent = text;
    if (share === undefined) this.#bar.removeAttribute('value');
    else this.#bar.value = share;
    this.#left.textContent = left;
  }
}
