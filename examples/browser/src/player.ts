import { button, element } from './element.ts';

/** Plays frames: both sides of the comparison in step, as one index moves them. */
export class Player {
  readonly #buttons = {
    previous: button('previous', () => this.#step(-1)),
    play: button('play', () => (this.#playing ? this.pause() : this.play())),
    next: button('next', () => this.#step(1)),
    loop: button('loop', () => this.#toggleLoop()),
  };
  readonly #position = element('position', HTMLInputElement);
  readonly #text = element('position-text', HTMLOutputElement);
  readonly #show: (index: number) => void;
  #count = 0;
  #fps = 25;
  #index = 0;
  #loops = true;
  #playing = false;

  /** @param show shows the frame of an index */
  constructor(show: (index: number) => void) {
    this.#show = show;
    this.#position.addEventListener('input', () => {
      this.pause();
      this.seek(Number(this.#position.value));
    });
  }

  /** Takes over a clip; its first frame is shown. */
  open(count: number, fps: number): void {
    this.pause();
    [this.#count, this.#fps] = [count, fps];
    this.#position.max = String(count - 1);
    this.#enable(true);
    this.seek(0);
  }

  /** Has nothing to play any more. */
  close(): void {
    this.pause();
    this.#count = 0;
    this.#enable(false);
    this.#text.value = '–';
    this.#position.value = '0';
  }

  /** Shows the frame of an index, counted from 0. */
  seek(index: number): void {
    if (this.#count === 0) return;
    this.#index = Math.min(this.#count - 1, Math.max(0, index));
    this.#position.value = String(this.#index);
    this.#text.value = `${this.#index + 1} / ${this.#count}`;
    this.#position.setAttribute('aria-valuetext', `frame ${this.#index + 1} of ${this.#count}`);
    this.#show(this.#index);
  }

  /** Plays at the clip's own rate, from the start if it is at its end. */
  play(): void {
    if (this.#playing || this.#count < 2) return;
    if (this.#index === this.#count - 1) this.seek(0);
    this.#setPlaying(true);
    const [began, first] = [performance.now(), this.#index];
    const tick = (now: number): void => {
      if (!this.#playing) return;
      const passed = first + Math.max(0, Math.floor(((now - began) / 1000) * this.#fps));
      const index = this.#loops ? passed % this.#count : Math.min(passed, this.#count - 1);
      if (index !== this.#index) this.seek(index);
      if (!this.#loops && index === this.#count - 1) this.pause();
      else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  /** Stays at the frame that is shown. */
  pause(): void {
    this.#setPlaying(false);
  }

  #step(by: number): void {
    this.pause();
    this.seek((this.#index + by + this.#count) % this.#count);
  }

  #toggleLoop(): void {
    this.#loops = !this.#loops;
    this.#buttons.loop.setAttribute('aria-pressed', String(this.#loops));
  }

  #setPlaying(playing: boolean): void {
    this.#playing = playing;
    const { play } = this.#buttons;
    play.setAttribute('aria-pressed', String(playing));
    play.setAttribute('aria-label', playing ? 'Pause' : 'Play');
  }

  #enable(enabled: boolean): void {
    for (const control of [...Object.values(this.#buttons), this.#position]) control.disabled = !enabled;
  }
}
