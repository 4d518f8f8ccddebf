import { button, element } from './element.ts';

/**
 * Takes files that are dropped anywhere on the page or chosen, and the sample of the page.
 *
 * @param pick is called with a file
 * @param fail is called with a sentence when there is no file
 */
export function listenForFiles(pick: (file: File) => void, fail: (sentence: string) => void): void {
  const input = element('file', HTMLInputElement);
  const stage = element('stage', HTMLDivElement);
  /** Number of files so far: a sample that arrives after a later file is dropped. */
  let count = 0;
  const take = (file: File): void => {
    count++;
    pick(file);
  };
  button('choose', () => input.click());
  button('sample', () => {
    const own = ++count;
    fetchSample().then(
      (file) => own === count && take(file),
      (error: Error) => own === count && fail(`The sample cannot be loaded: ${error.message}.`),
    );
  });
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    // The same file may be chosen again.
    input.value = '';
    if (file) take(file);
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
    if (file) take(file);
    else fail('What was dropped is not a file.');
  });
}

async function fetchSample(): Promise<File> {
  const response = await fetch(new URL('./sample.mp4', import.meta.url));
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return new File([await response.blob()], 'big-buck-bunny.mp4', { type: 'video/mp4' });
}
