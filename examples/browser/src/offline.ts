import { button, element } from './element.ts';
import { keepFocus } from './focus.ts';
import type { Kept } from './service-worker.ts';
import { bytesText } from './words.ts';

/** Marks this tab as loaded again for isolation: where that does not help, it is not repeated. */
const RELOADED = 'od-vae-reloaded';

/** Callbacks of {@link Offline}. */
interface OfflineListener {
  /** Whether nothing would be lost by loading the page again. */
  isIdle(): boolean;
  /** The page is controlled by a service worker from now on. */
  controlled(): void;
}

/**
 * Offline use: the service worker keeps the scripts at once, the model and the sample when they are first used or when the
 * user presses the button.
 *
 * On a first visit to a host that does not isolate its pages, the page is loaded once more, through the service worker,
 * which does; then workers may share memory and `simd` computes on all cores.
 */
export class Offline {
  readonly #status = element('offline', HTMLParagraphElement);
  readonly #button = button('keep-offline', () => void this.#keep());
  readonly #listener: OfflineListener;
  #worker: ServiceWorker | undefined;

  constructor(listener: OfflineListener) {
    this.#listener = listener;
    this.#button.toggleAttribute('data-unused', true);
    // A browser that refuses, as in a private window: the page works as long as there is a network.
    void this.#start().catch(() => undefined);
  }

  /** Shows what can be used offline. */
  async update(): Promise<void> {
    if (this.#worker) this.#show(await ask(this.#worker, 'status'));
  }

  async #start(): Promise<void> {
    const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
    if (!serviceWorker) return;
    serviceWorker.addEventListener('controllerchange', () => {
      this.#reloadOnce();
      this.#listener.controlled();
    });
    await serviceWorker.register('./service-worker.js');
    const { active } = await serviceWorker.ready;
    if (serviceWorker.controller) this.#reloadOnce();
    this.#worker = active ?? undefined;
    await this.update();
  }

  #reloadOnce(): void {
    if (crossOriginIsolated || !this.#listener.isIdle() || sessionStorage.getItem(RELOADED)) return;
    sessionStorage.setItem(RELOADED, 'yes');
    location.reload();
  }

  async #keep(): Promise<void> {
    this.#status.textContent = 'Loading …';
    if (this.#worker) this.#show(await ask(this.#worker, 'keep'));
  }

  #show({ missing, isUsable, reason }: Kept): void {
    const needsNetwork = reason === undefined ? 'Needs the network so far' : `Not kept: ${reason}`;
    this.#status.textContent = isUsable ? 'Works offline' : needsNetwork;
    this.#status.toggleAttribute('data-ready', isUsable);
    this.#button.textContent = `Keep for offline use, ${bytesText(missing)}`;
    keepFocus(() => this.#button.toggleAttribute('data-unused', isUsable), this.#status);
  }
}

function ask(worker: ServiceWorker, request: 'status' | 'keep'): Promise<Kept> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.addEventListener('message', ({ data }: MessageEvent<Kept>) => resolve(data));
    port1.start();
    worker.postMessage(request, [port2]);
  });
}
