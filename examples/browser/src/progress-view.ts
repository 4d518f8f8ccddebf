import { button, element } from './element.ts';
import type { RunEvent } from './protocol.ts';
import { type PhaseShares, shareCoded, shareDone, timeLeftText } from './time-left.ts';

const NONE: PhaseShares = { read: 0, loaded: 0, encoded: 0, decoded: 0 };

/** Progress of a run as one bar for all its phases, with the time left; each quarter is announced to screen readers. */
export class ProgressView {
  readonly #row = element('progress', HTMLDivElement);
  readonly #transport = element('transport', HTMLDivElement);
  readonly #text = element('progress-text', HTMLLabelElement);
  readonly #bar = element('progress-bar', HTMLProgressElement);
  readonly #left = element('time-left', HTMLSpanElement);
  readonly #announcement = element('announcement', HTMLParagraphElement);
  #frames = 1;
  #began = 0;
  #codingBegan: number | undefined;
  #shares = NONE;
  #quarter = 0;

  /** @param cancel stops the run */
  constructor(cancel: () => void) {
    button('cancel', cancel);
  }

  /** Replaces the playback controls at the start of a run of at most so many frames. */
  start(frames: number): void {
    [this.#frames, this.#began, this.#codingBegan] = [frames, performance.now(), undefined];
    [this.#shares, this.#quarter] = [NONE, 0];
    this.#bar.value = 0;
    this.#show('Reading');
    this.#row.hidden = false;
    this.#transport.hidden = true;
  }

  /** Shows the progress that an event of the run reports. */
  receive(event: RunEvent): void {
    if (event.type === 'picture' && event.side === 'original') {
      this.#advance('Reading', { read: Math.min(1, (event.index + 1) / this.#frames) });
    } else if (event.type === 'read') this.#advance('Loading', { read: 1 });
    else if (event.type === 'model' && event.total) this.#advance('Loading', { loaded: event.done / event.total });
    else if (event.type === 'coded') {
      this.#codingBegan ??= performance.now();
      const { encoded, decoded } = event;
      this.#advance(encoded < 1 && decoded === 0 ? 'Encoding' : 'Decoding', { read: 1, loaded: 1, encoded, decoded });
    }
  }

  /** Shows the playback controls again. */
  end(announcement: string): void {
    this.#row.hidden = true;
    this.#transport.hidden = false;
    this.#announcement.textContent = announcement;
  }

  #advance(phase: string, shares: Partial<PhaseShares>): void {
    this.#shares = { ...this.#shares, ...shares };
    const share = shareDone(this.#shares);
    this.#bar.value = Math.max(this.#bar.value, share);
    const left = this.#timeLeft();
    this.#show(phase, left);
    const quarter = Math.floor(share * 4);
    if (quarter > this.#quarter && quarter < 4) {
      this.#announcement.textContent = `${phase}, ${quarter * 25} percent done${left && `, ${left}`}.`;
    }
    this.#quarter = quarter;
  }

  /** Nothing but encoding and decoding is left once they have begun, so their own pace is the better measure then. */
  #timeLeft(): string {
    const now = performance.now();
    const ofCoding = this.#codingBegan && timeLeftText(shareCoded(this.#shares), now - this.#codingBegan);
    return ofCoding || timeLeftText(shareDone(this.#shares), now - this.#began);
  }

  #show(text: string, left = ''): void {
    this.#text.textContent = text;
    this.#left.textContent = left;
  }
}
