import { button, element } from './element.ts';

/**
 * Hears of files that are dropped anywhere on the page or chosen, and of the sample that comes along.
 *
 * @param pick takes a file
 * @param fail takes a sentence that says why there is none
 */
export function listenForFiles(pick: (file: File) => void, fail: (sentence: string) => void): void {
  const input = element('file', HTMLInputElement);
  const stage = element('stage', HTMLDivElement);
  button('choose', () => input.click());
  button('sample', () => void fetchSample().then(pick, () => fail('The sample cannot be loaded without the network.')));
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    // The same file may be chosen again.
    input.value = '';
    if (file) pick(file);
  });
  addEventListener('dragover', (event) => {
    event.preventDefault();
    stage.toggleAttribute('data-over', true);
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (!relatedTarget) stage.toggleAttribute('data-over', false);
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    stage.toggleAttribute('data-over', false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file) pick(file);
    else fail('What was dropped is not a file.');
  });
}

async function fetchSample(): Promise<File> {
  const response = await fetch(new URL('./sample.mp4', import.meta.url));
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return new File([await response.blob()], 'big-buck-bunny.mp4', { type: 'video/mp4' });
}
