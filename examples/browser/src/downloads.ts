import { button, element } from './element.ts';
import type { Engine } from './engine.ts';
import type { PictureEvent, RunEvent, RunReport, SavedFile } from './protocol.ts';
import { bytesText } from './words.ts';

/** The run that is saved. */
interface Run {
  readonly name: string;
  readonly events: readonly RunEvent[];
  readonly report: RunReport;
}

/** The buttons that save latents and videos of the shown result. */
export class Downloads {
  readonly #engine: Engine;
  readonly #hint = element('save-hint', HTMLParagraphElement);
  readonly #noFile = this.#hint.textContent;
  readonly #buttons: readonly HTMLButtonElement[];
  #run: Run | undefined;

  /** @param fail is called with a sentence when a file cannot be written */
  constructor(engine: Engine, fail: (sentence: string) => void) {
    this.#engine = engine;
    // The buttons stay enabled while a file is written, so that they keep the focus.
    const save = (id: string, suffix: string, make: (run: Run) => Promise<SavedFile>): HTMLButtonElement =>
      button(id, () => {
        const run = this.#run;
        if (!run) return;
        this.#hint.textContent = 'Writing the file …';
        make(run).then(
          (file) => this.#save(file, `${run.name}-${suffix}.${file.extension}`),
          (error: Error) => {
            this.#hint.textContent = this.#noFile;
            fail(error.message);
          },
        );
      });
    this.#buttons = [
      save('save-latents', 'latents', (run) => this.#writeLatents(run)),
      save('save-video', 'rebuilt', (run) => this.#writeVideo(run, ['rebuilt'])),
      save('save-both', 'both', (run) => this.#writeVideo(run, ['original', 'rebuilt'])),
    ];
  }

  /** Offers the files of a run of this clip. */
  open(clipName: string, events: readonly RunEvent[], report: RunReport): void {
    this.#run = { name: clipName.replace(/\.[^.]*$/, '') || 'clip', events, report };
    this.#enable();
  }

  /** Offers no files. */
  close(): void {
    this.#run = undefined;
    this.#hint.textContent = this.#noFile;
    this.#enable();
  }

  #writeLatents({ events, report: { info } }: Run): Promise<SavedFile> {
    return this.#engine.call('latents', { chunks: events.filter((event) => event.type === 'latents'), info });
  }

  #writeVideo(
    { events, report: { width, height, fps } }: Run,
    sides: readonly PictureEvent['side'][],
  ): Promise<SavedFile> {
    const pictures = events.filter((event) => event.type === 'picture');
    const rgba = sides.map((side) => pictures.filter((one) => one.side === side).map((one) => one.rgba));
    return this.#engine.call('video', { sides: rgba, width, height, fps });
  }

  #save({ bytes, mimeType }: SavedFile, name: string): void {
    const address = URL.createObjectURL(new Blob([bytes], { type: mimeType }));
    Object.assign(document.createElement('a'), { href: address, download: name }).click();
    this.#hint.textContent = `${name}, ${bytesText(bytes.length)}`;
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  #enable(): void {
    for (const one of this.#buttons) one.disabled = this.#run === undefined;
  }
}
