import type { Frame } from '@od-vae/video';

import { Camera } from './camera.ts';
import { Comparison } from './comparison.ts';
import { Downloads } from './downloads.ts';
import { button, element } from './element.ts';
import { Cancelled, Engine } from './engine.ts';
import { LatentPictures } from './latent-pictures.ts';
import { listenForFiles } from './listen-for-files.ts';
import { keepOffline } from './offline.ts';
import { Player } from './player.ts';
import { ProgressView } from './progress-view.ts';
import type { ClipSource, RunEvent, RunReport } from './protocol.ts';
import { QualityChart } from './quality-chart.ts';
import { SettingsForm } from './settings-form.ts';
import { SizesTable } from './sizes-table.ts';

/** The clip that is, or was last, on its way. */
interface Clip {
  readonly source: ClipSource;
  readonly name: string;
  readonly bytes: number | undefined;
}

const stage = element('stage', HTMLDivElement);
const problem = element('problem', HTMLDivElement);
const runButton = element('run', HTMLButtonElement);

let clip: Clip | undefined;
let controller: AbortController | undefined;

const engine = new Engine();
const settings = new SettingsForm(() => void reconstruct());
const comparison = new Comparison();
const latents = new LatentPictures();
const sizes = new SizesTable();
const downloads = new Downloads(engine, (sentence) => complain(sentence));
const chart = new QualityChart((index) => {
  player.pause();
  player.seek(index);
});
const player = new Player((index) => {
  comparison.draw(index);
  chart.mark(index);
  latents.mark(index);
});
const progress = new ProgressView(() => controller?.abort());
const another = button('another', () => show('empty'));
const camera = new Camera({
  frames: () => settings.frames,
  shown: (isShown) => show(isShown ? 'camera' : 'empty'),
  recorded: (frames: readonly Frame[]) => take({ source: frames, name: 'webcam', bytes: undefined }),
  failed: (sentence) => complain(sentence),
});
listenForFiles(
  (file) => {
    camera.close();
    take({ source: file, name: file.name, bytes: file.size });
  },
  (sentence) => complain(sentence),
);
button('problem-close', () => (problem.hidden = true));

void probe();
void keepOffline(() => clip === undefined && stage.dataset['state'] === 'empty');

function show(state: 'empty' | 'camera' | 'opening' | 'busy' | 'result'): void {
  stage.dataset['state'] = state;
  element('drop', HTMLDivElement).hidden = state !== 'empty';
  element('picture', HTMLDivElement).hidden = state !== 'busy' && state !== 'result';
  another.disabled = state !== 'result';
  runButton.disabled = clip === undefined || (state !== 'empty' && state !== 'result');
  if (state === 'empty' || state === 'camera') player.pause();
  if (state === 'camera') problem.hidden = true;
}

function complain(sentence: string, kind: 'error' | 'note' = 'error'): void {
  problem.dataset['kind'] = kind;
  element('problem-text', HTMLParagraphElement).textContent = sentence;
  problem.hidden = false;
}

async function probe(): Promise<void> {
  try {
    await engine.call('backends', undefined, { onEvent: (status) => settings.setStatus(status) });
  } catch (error) {
    complain((error as Error).message);
  }
}

function take(next: Clip): void {
  controller?.abort();
  clip = next;
  void reconstruct();
}

async function reconstruct(): Promise<void> {
  if (!clip) return;
  const running = clip;
  let request;
  try {
    request = { source: running.source, settings: settings.read() };
  } catch (error) {
    complain((error as Error).message);
    return;
  }
  const own = new AbortController();
  controller = own;
  begin();
  try {
    const { frames } = request.settings;
    const onEvent = (event: RunEvent): void => hear(event, frames);
    finish(await engine.call('run', request, { onEvent, signal: own.signal }), running);
  } catch (error) {
    // Another run may have begun meanwhile; the page is its.
    if (controller === own) end(error as Error);
  }
}

function begin(): void {
  problem.hidden = true;
  player.close();
  downloads.close();
  sizes.clear();
  show('opening');
  progress.start();
}

function hear(event: RunEvent, frames: number): void {
  progress.hear(event);
  switch (event.type) {
    case 'clip':
      comparison.open(event.width, event.height);
      chart.open(frames);
      latents.open(frames);
      show('busy');
      break;
    case 'picture':
      comparison.add(event);
      if (event.quality) chart.add(event.quality.psnr);
      if (event.index === 0) comparison.draw(0);
      break;
    case 'latents':
      latents.add(event);
      break;
    default:
  }
}

function finish(report: RunReport, { name, bytes }: Clip): void {
  const { frames, fps, psnr, ssim, seconds, note } = report;
  const quality = `Mean PSNR ${psnr.toFixed(2)} dB${ssim === undefined ? '' : `, SSIM ${ssim.toFixed(3)}`}`;
  show('result');
  progress.end(`Done: ${frames} frames in ${Math.round(seconds)} seconds. ${quality}.`);
  chart.end(`PSNR of ${frames} frames. ${quality}.`);
  element('quality-text', HTMLParagraphElement).textContent = quality;
  sizes.show(report, bytes);
  downloads.open(name);
  player.open(frames, fps);
  element('divider', HTMLInputElement).focus();
  if (note) complain(note, 'note');
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) player.play();
}

function end(error: Error): void {
  const isCancelled = error instanceof Cancelled;
  show('empty');
  progress.end(isCancelled ? 'Cancelled.' : '');
  if (!isCancelled) complain(error.message);
  element('choose', HTMLButtonElement).focus();
}
