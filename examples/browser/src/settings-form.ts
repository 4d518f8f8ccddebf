import { element } from './element.ts';
import type { BackendStatus, ModelChoice, RunSettings } from './protocol.ts';

/** Settings that the page's address may hold, by their parameter. */
const PARAMETERS = { 'od-vae-backend': 'backend', frames: 'frames', side: 'short-side' } as const;

/** Part of the device's memory that a run is planned for, and what a device has that does not say. */
const MEMORY = { part: 0.5, unknown: 4 };

const select = (id: string): HTMLSelectElement => element(id, HTMLSelectElement);

/** Backend, length, size and model, as they are chosen beside the picture. */
export class SettingsForm {
  readonly #statuses = new Map<string, BackendStatus>();
  readonly #detail = element('backend-detail', HTMLParagraphElement);
  readonly #half = element('half', HTMLInputElement);

  /** @param run hears that somebody wants a run with these settings */
  constructor(run: () => void) {
    element('settings', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      run();
    });
    const parameters = new URLSearchParams(location.search);
    for (const [parameter, id] of Object.entries(PARAMETERS)) choose(select(id), parameters.get(parameter));
    select('model').addEventListener('change', () => this.#showModelFields());
    select('backend').addEventListener('change', () => this.#showDetail());
    this.#showModelFields();
  }

  /** How many frames are taken. */
  get frames(): number {
    return Number(select('frames').value);
  }

  /** Takes in what is known of a backend: one that does not run here cannot be chosen. */
  setStatus(status: BackendStatus): void {
    this.#statuses.set(status.name, status);
    const option = select('backend').querySelector<HTMLOptionElement>(`option[value='${status.name}']`)!;
    option.disabled = !status.available;
    const name = option.textContent!.split(' —')[0]!;
    option.textContent = status.available ? name : `${name} — not here`;
    this.#showDetail();
  }

  /**
   * The settings as they are.
   *
   * @throws Error with a sentence when something is missing.
   */
  read(): RunSettings {
    const { deviceMemory = MEMORY.unknown } = navigator as { deviceMemory?: number };
    return {
      backend: select('backend').value as RunSettings['backend'],
      frames: this.frames,
      shortSide: Number(select('short-side').value),
      square: element('square', HTMLInputElement).checked,
      half: this.#half.checked,
      model: this.#readModel(),
      memory: deviceMemory * MEMORY.part * 1e9,
    };
  }

  #readModel(): ModelChoice {
    const architecture = select('architecture').value;
    switch (select('model').value) {
      case 'file': {
        const files = [...(element('model-file', HTMLInputElement).files ?? [])];
        const config = files.find(({ name }) => name.endsWith('.json'));
        const source = files.find((file) => file !== config);
        if (!source) throw new Error('Choose the file with the weights of your checkpoint first.');
        return { source, architecture, config };
      }
      case 'address': {
        const { value } = element('model-address', HTMLInputElement);
        if (!URL.canParse(value))
          throw new Error('Enter the address of the weights first: https://…/model.safetensors.');
        return { source: value, architecture };
      }
      default:
        return { source: 'small' };
    }
  }

  #showModelFields(): void {
    const { value } = select('model');
    element('own-model', HTMLDivElement).hidden = value === 'small';
    element('model-file-field', HTMLDivElement).hidden = value !== 'file';
    element('model-address-field', HTMLDivElement).hidden = value !== 'address';
  }

  #showDetail(): void {
    const { value } = select('backend');
    const known = [...this.#statuses.values()];
    const chosen = value === 'auto' ? known.find(({ isSlow }) => !isSlow) : this.#statuses.get(value);
    const webgpu = this.#statuses.get('webgpu');
    this.#half.disabled = chosen?.hasHalf !== true;
    const why = value === 'auto' && chosen !== webgpu && webgpu ? ` ${webgpu.detail}` : '';
    if (chosen) this.#detail.textContent = `${chosen.detail}${why}`;
  }
}

function choose({ options }: HTMLSelectElement, value: string | null): void {
  for (const option of options) if (option.value === value) option.selected = true;
}
