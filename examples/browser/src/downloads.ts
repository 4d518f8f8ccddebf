import { button, element } from './element.ts';
import type { Engine } from './engine.ts';
import type { SavedFile } from './protocol.ts';
import { bytesText } from './words.ts';

/** The buttons that save latents and videos of the last run. */
export class Downloads {
  readonly #hint = element('save-hint', HTMLParagraphElement);
  readonly #buttons: readonly HTMLButtonElement[];
  #name = 'clip';

  constructor(engine: Engine, fail: (sentence: string) => void) {
    const save = (id: string, suffix: string, make: () => Promise<SavedFile>): HTMLButtonElement =>
      button(id, () => {
        this.#enable(false);
        make()
          .then((file) => this.#save(file, suffix))
          .catch((error: Error) => fail(error.message))
          .finally(() => this.#enable(true));
      });
    this.#buttons = [
      save('save-latents', 'latents', () => engine.call('latents', undefined)),
      save('save-video', 'rebuilt', () => engine.call('video', { sideBySide: false })),
      save('save-both', 'both', () => engine.call('video', { sideBySide: true })),
    ];
  }

  /** Offers what a run of this file left. */
  open(fileName: string): void {
    this.#name = fileName.replace(/\.[^.]*$/, '') || 'clip';
    this.#enable(true);
  }

  /** Has nothing to offer any more. */
  close(): void {
    this.#enable(false);
  }

  #save({ bytes, extension, mimeType }: SavedFile, suffix: string): void {
    const address = URL.createObjectURL(new Blob([bytes], { type: mimeType }));
    const name = `${this.#name}-${suffix}.${extension}`;
    Object.assign(document.createElement('a'), { href: address, download: name }).click();
    this.#hint.textContent = `${name}, ${bytesText(bytes.length)}`;
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  #enable(enabled: boolean): void {
    for (const one of this.#buttons) one.disabled = !enabled;
  }
}
