import { element } from './element.ts';
import type { BackendName, BackendStatus, ModelChoice, RunSettings } from './protocol.ts';

/** Settings of a run, whose backend may be left to the page. */
type RunChoice = Omit<RunSettings, 'backend'> & { readonly backend: BackendName | 'auto' };

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

  readonly #warn: (sentence: string) => void;

  /**
   * @param run is called when the form is submitted
   * @param warn is called with a sentence when a setting cannot be used and another one replaces it
   */
  constructor(run: () => void, warn: (sentence: string) => void) {
    this.#warn = warn;
    element('settings', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      run();
    });
    const parameters = new URLSearchParams(location.search);
    const warnings = Object.entries(PARAMETERS).map(([parameter, id]) =>
      choose(select(id), parameter, parameters.get(parameter)),
    );
    if (warnings.some(Boolean)) warn(warnings.filter(Boolean).join(' '));
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
    if (!status.available && option.selected) {
      select('backend').value = 'auto';
      this.#warn(`${name} is not available, so the setting is Automatic now. ${status.detail}`);
    }
    this.#showDetail();
  }

  /**
   * The settings as they are.
   *
   * @throws Error with a sentence when something is missing.
   */
  read(): RunChoice {
    const { deviceMemory = MEMORY.unknown } = navigator as { deviceMemory?: number };
    return {
      backend: select('backend').value as RunChoice['backend'],
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
        const protocol = URL.canParse(value.trim()) ? new URL(value.trim()).protocol : '';
        if (!/^https?:$/.test(protocol)) {
          throw new Error('Enter the address of the weights first: https://…/model.safetensors.');
        }
        return { source: value.trim(), architecture };
      }
      default:
        return { source: 'small' };
    }
  }

  #showModelFields(): void {
    const { value } = select('model');
    showFields('own-model', value !== 'small');
    showFields('model-file-field', value === 'file');
    showFields('model-address-field', value === 'address');
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

/** Selects the value of a parameter; returns a sentence when the page does not offer it. */
function choose({ options, value: standard }: HTMLSelectElement, parameter: string, value: string | null): string {
  const option = [...options].find((one) => one.value === value);
  if (option) option.selected = true;
  if (option || value === null) return '';
  const offered = [...options].map((one) => one.value).join(', ');
  return `The parameter ${parameter} of the address must be one of ${offered}, but is "${value.slice(0, 40)}"; ${standard} is used.`;
}

/** Shows or hides a group of fields; hidden fields are disabled, so that nothing in them is validated or focused. */
function showFields(id: string, isShown: boolean): void {
  const group = element(id, HTMLFieldSetElement);
  [group.hidden, group.disabled] = [!isShown, !isShown];
}
