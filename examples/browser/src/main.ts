import type { Frame } from '@od-vae/video';

import { Backends } from './backends.ts';
import { Camera } from './camera.ts';
import { button, element } from './element.ts';
import { Cancelled, Engine } from './engine.ts';
import { keepFocus } from './focus.ts';
import { listenForFiles } from './listen-for-files.ts';
import { Offline } from './offline.ts';
import { ProgressView } from './progress-view.ts';
import type { RunEvent } from './protocol.ts';
import { type Clip, type Result, ResultView } from './result-view.ts';
import { SettingsForm } from './settings-form.ts';

type State = 'empty' | 'camera' | 'opening' | 'busy' | 'result';

const stage = element('stage', HTMLDivElement);
const problem = element('problem', HTMLDivElement);
const runButton = element('run', HTMLButtonElement);

/** The element to focus in each state when the focused one disappears. */
const FOCUS: Readonly<Record<State, readonly Element[]>> = {
  empty: [element('choose', HTMLButtonElement)],
  camera: [element('camera-record', HTMLButtonElement)],
  opening: [element('cancel', HTMLButtonElement)],
  busy: [element('cancel', HTMLButtonElement)],
  result: [element('divider', HTMLInputElement)],
};

/** The clip that the next run takes. */
let selected: Clip | undefined;
/** The last clip that could be read. */
let readable: Clip | undefined;
/** The run that is shown whenever no other one is in progress. */
let result: Result | undefined;
let controller: AbortController | undefined;

const engine = new Engine();
const settings = new SettingsForm(
  () => selected && void reconstruct(selected),
  (sentence) => complain(sentence, 'note'),
);
const view = new ResultView(engine, (sentence) => complain(sentence));
const progress = new ProgressView(() => controller?.abort());
const another = button('another', startOver);
const camera = new Camera({
  frames: () => settings.frames,
  shown: (isShown) => show(isShown ? 'camera' : 'empty', { focus: [element('camera', HTMLButtonElement)] }),
  recorded: (frames: readonly Frame[]) => void reconstruct({ source: frames, name: 'webcam', bytes: undefined }),
  failed: (sentence) => complain(sentence),
});
listenForFiles(
  (file) => {
    camera.close();
    void reconstruct({ source: file, name: file.name, bytes: file.size });
  },
  (sentence) => complain(sentence),
);
button('problem-close', () => keepFocus(() => (problem.hidden = true), ...FOCUS[shownState()]));
const backends = new Backends(engine, (status) => settings.setStatus(status));
const offline = new Offline({
  isIdle: () => selected === undefined && shownState() === 'empty',
  controlled: () => engine.renew(),
});

function shownState(): State {
  return stage.dataset['state'] as State;
}

/** Shows the controls of a state and keeps the focus on one that is visible. */
function show(
  state: State,
  { change, focus = [] }: { change?: () => void; focus?: readonly (Element | null)[] } = {},
): void {
  const apply = (): void => {
    stage.dataset['state'] = state;
    element('drop', HTMLDivElement).hidden = state !== 'empty';
    element('camera-view', HTMLDivElement).hidden = state !== 'camera';
    element('picture', HTMLDivElement).hidden =
      state === 'empty' || state === 'camera' || (state === 'opening' && result === undefined);
    another.disabled = state !== 'result';
    if (state === 'camera') problem.hidden = true;
    updateSelection();
    change?.();
  };
  keepFocus(apply, ...focus, ...FOCUS[state]);
}

function updateSelection(): void {
  const state = shownState();
  runButton.disabled = selected === undefined || (state !== 'empty' && state !== 'result');
  element('selected', HTMLParagraphElement).textContent = selected ? `Clip: ${selected.name}` : 'No clip yet';
}

function complain(sentence: string, kind: 'error' | 'note' = 'error'): void {
  problem.dataset['kind'] = kind;
  element('problem-text', HTMLParagraphElement).textContent = sentence;
  problem.hidden = false;
}

/** Removes clip and result, for another clip. */
function startOver(): void {
  selected = readable = result = undefined;
  show('empty', {
    change: () => {
      problem.hidden = true;
      view.clear();
    },
  });
  stage.scrollIntoView({ block: 'nearest' });
}

async function reconstruct(clip: Clip): Promise<void> {
  let choice;
  try {
    choice = settings.read();
  } catch (error) {
    // The clip waits for valid settings.
    selected = clip;
    updateSelection();
    complain((error as Error).message);
    return;
  }
  controller?.abort();
  const own = new AbortController();
  controller = own;
  const began = performance.now();
  const events: RunEvent[] = [];
  const origin = begin(choice.frames);
  const onEvent = (event: RunEvent): void => {
    if (controller !== own) return;
    if (event.type === 'clip' || event.type === 'picture' || event.type === 'latents') events.push(event);
    receive(event, clip);
  };
  try {
    const backend = await backends.start(choice.backend, own.signal);
    const request = { source: clip.source, settings: { ...choice, backend: backend.name } };
    const report = await engine.call('run', request, { onEvent, signal: own.signal });
    if (controller !== own) return;
    result = { clip, events, report, seconds: (performance.now() - began) / 1000 };
    finish(result, origin, [backend.note, report.note].filter(Boolean).join(' '));
  } catch (error) {
    // Another run may have begun meanwhile; it owns the page then.
    if (controller === own) end(error as Error, origin);
  } finally {
    if (controller === own) controller = undefined;
  }
}

/** Shows the progress; returns the element that had the focus. */
function begin(frames: number): Element | null {
  const origin = document.activeElement;
  show('opening', {
    change: () => {
      problem.hidden = true;
      view.begin(frames);
      progress.start(frames);
    },
  });
  return origin;
}

function receive(event: RunEvent, clip: Clip): void {
  progress.receive(event);
  view.receive(event);
  if (event.type === 'clip') show('busy');
  if (event.type !== 'read') return;
  selected = readable = clip;
  updateSelection();
}

function finish(done: Result, origin: Element | null, note: string): void {
  const { frames } = done.report;
  show('result', {
    change: () => {
      const quality = view.complete(done);
      progress.end(`Done: ${frames} frames in ${Math.round(done.seconds)} seconds. ${quality}.`);
    },
    focus: [origin],
  });
  if (note) complain(note, 'note');
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) view.play();
  void offline.update();
}

/** Ends a run without a result: the previous result is shown again. */
function end(error: Error, origin: Element | null): void {
  const isCancelled = error instanceof Cancelled;
  selected = readable;
  show(result ? 'result' : 'empty', {
    change: () => {
      if (result) view.restore(result);
      else view.clear();
      progress.end(isCancelled ? 'Cancelled.' : '');
    },
    focus: [origin],
  });
  if (!isCancelled) complain(error.message);
}
