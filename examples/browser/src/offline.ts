import { element } from './element.ts';

/** Remembers, for this tab, that the page was loaded again to be isolated: where that does not help, it is not repeated. */
const RELOADED = 'od-vae-reloaded';

/**
 * Has the service worker keep the page, its model and its sample, and says so when it does.
 *
 * On a first visit to a host that does not isolate its pages, the page is loaded once more, through the service worker,
 * which does; then workers may share memory and `simd` computes on all cores.
 *
 * @param isIdle whether nothing would be lost by loading the page again
 */
export async function keepOffline(isIdle: () => boolean): Promise<void> {
  const status = element('offline', HTMLParagraphElement);
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  if (!serviceWorker) return;
  serviceWorker.addEventListener('controllerchange', () => reloadOnce(isIdle));
  try {
    await serviceWorker.register('./service-worker.js');
    const { active } = await serviceWorker.ready;
    if (serviceWorker.controller) reloadOnce(isIdle);
    if (!active || !(await keepAll(active))) return;
    status.textContent = 'Works offline';
    status.toggleAttribute('data-ready', true);
  } catch {
    // A browser that refuses, as in a private window: the page works as long as there is a network.
  }
}

function reloadOnce(isIdle: () => boolean): void {
  if (crossOriginIsolated || !isIdle() || sessionStorage.getItem(RELOADED)) return;
  sessionStorage.setItem(RELOADED, 'yes');
  location.reload();
}

function keepAll(worker: ServiceWorker): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.addEventListener('message', ({ data }: MessageEvent<{ kept: boolean }>) => resolve(data.kept));
    port1.start();
    worker.postMessage('keep', [port2]);
  });
}
