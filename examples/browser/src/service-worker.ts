// Keeps the page for when there is no network, and lets its workers share memory: it adds the headers to every answer that
// make a page cross-origin isolated, which static hosts rarely send.

/** What the page was built into; the build writes it in front of this file. */
declare const BUILD: { readonly version: string; readonly files: readonly string[] };

interface ServiceWorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listener: (event: ExtendableEvent & MessageEvent) => void): void;
}

interface ExtendableEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const scope = globalThis as unknown as ServiceWorkerScope;
const CACHE = `od-vae-${BUILD.version}`;
const INDEX = 'index.html';

/** Kept when the page asks for it, as it is most of the bytes: the model and the sample. */
const isLarge = (file: string): boolean => /\.(safetensors|mp4)$/.test(file);

const address = (file: string): string => new URL(file, scope.registration.scope).href;

scope.addEventListener('install', (event) => {
  event.waitUntil(keep(BUILD.files.filter((file) => !isLarge(file))));
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([removeOldBuilds(), scope.clients.claim()]));
});

scope.addEventListener('message', (event) => {
  const [port] = event.ports;
  const kept = keep(BUILD.files).then(
    () => port?.postMessage({ kept: true }),
    (error: unknown) => port?.postMessage({ kept: false, reason: String(error) }),
  );
  event.waitUntil(kept);
});

scope.addEventListener('fetch', (event) => {
  const file = fileOf(event.request);
  if (file !== undefined) event.respondWith(answer(event.request, file));
});

/** Which file of the build is asked for; anything else under the same address is none of our business. */
function fileOf({ method, url }: Request): string | undefined {
  const { scope: base } = scope.registration;
  const [path = ''] = url.split(/[?#]/);
  if (method !== 'GET' || !path.startsWith(base)) return undefined;
  const file = path.slice(base.length) || INDEX;
  return BUILD.files.includes(file) ? file : undefined;
}

async function keep(files: readonly string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const file of files) {
    const url = address(file);
    if (await cache.match(url)) continue;
    // The name of a file that did not change did not either: an older build may have it.
    const known = file === INDEX ? undefined : await caches.match(url);
    const response = known ?? (await fetch(url, { cache: file === INDEX ? 'no-cache' : 'default' }));
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    await cache.put(url, response);
  }
}

async function removeOldBuilds(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith('od-vae-') && name !== CACHE).map((name) => caches.delete(name)),
  );
}

async function answer(request: Request, file: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return isolated((await cache.match(address(file))) ?? (await fetch(request)));
}

/** The same answer with the headers that a page needs to be isolated, and its parts to be let in. */
function isolated(response: Response): Response {
  // Answers without a status cannot be made again.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const { status, statusText } = response;
  return new Response(status === 304 ? null : response.body, { status, statusText, headers });
}
