// Keeps the page for when there is no network, and lets its workers share memory: it adds the headers to every answer that
// make a page cross-origin isolated, which static hosts rarely send.

/** What the page was built into; the build writes it in front of this file. */
declare const BUILD: {
  readonly version: string;
  readonly files: readonly string[];
  /** Bytes of each file. */
  readonly sizes: Readonly<Record<string, number>>;
};

/** Answer to the messages `status` and `keep`. */
export interface Kept {
  /** Bytes that are not kept yet. */
  readonly missing: number;
  /** Whether the page can be used without a network: everything but the sample is kept. */
  readonly isUsable: boolean;
  /** Why files could not be kept. */
  readonly reason: string | undefined;
}

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

/** The model and the sample are most of the bytes: they are kept when they are first used, or when the page asks for it. */
const isLarge = (file: string): boolean => /\.(safetensors|mp4)$/.test(file);
const isSample = (file: string): boolean => file.endsWith('.mp4');

/** Large files that are being loaded. */
const loading = new Map<string, Promise<unknown>>();

const address = (file: string): string => new URL(file, scope.registration.scope).href;

scope.addEventListener('install', (event) => {
  event.waitUntil(keep(BUILD.files.filter((file) => !isLarge(file))));
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([removeOldBuilds(), scope.clients.claim()]));
});

scope.addEventListener('message', (event) => {
  const [port] = event.ports;
  const work = event.data === 'keep' ? keep(BUILD.files) : Promise.resolve();
  const answered = work
    .then(
      () => undefined,
      (error: Error) => error.message,
    )
    .then(async (reason) => port?.postMessage(await findKept(reason)));
  event.waitUntil(answered);
});

scope.addEventListener('fetch', (event) => {
  const file = fileOf(event.request);
  if (file !== undefined) event.respondWith(answer(event, file));
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
    await loading.get(file);
    if (await cache.match(url)) continue;
    // The name of a file that did not change did not either: an older build may have it.
    const known = file === INDEX ? undefined : await caches.match(url);
    const response = known ?? (await fetch(url, { cache: file === INDEX ? 'no-cache' : 'default' }));
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    await cache.put(url, response);
  }
}

async function findKept(reason: string | undefined): Promise<Kept> {
  await Promise.all(loading.values());
  const cache = await caches.open(CACHE);
  const kept = await Promise.all(BUILD.files.map((file) => cache.match(address(file))));
  const missing = BUILD.files.filter((_, index) => !kept[index]);
  return {
    missing: missing.reduce((sum, file) => sum + BUILD.sizes[file]!, 0),
    isUsable: missing.every(isSample),
    reason,
  };
}

async function removeOldBuilds(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith('od-vae-') && name !== CACHE).map((name) => caches.delete(name)),
  );
}

async function answer(event: FetchEvent, file: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  // Another request may have begun to load it while this one looked for it.
  do {
    await loading.get(file);
    const kept = await cache.match(address(file));
    if (kept) return isolated(kept);
  } while (loading.has(file));
  if (!isLarge(file)) return isolated(await fetch(event.request));
  return isolated(await loadLarge(event, file, cache));
}

/** Loads a large file as a whole, even if a part is requested, and keeps it; other requests for it wait, so that it is loaded once. */
async function loadLarge(event: FetchEvent, file: string, cache: Cache): Promise<Response> {
  const url = address(file);
  // An older build may have the same file: names change with the contents.
  const fetching = caches.match(url).then((known) => known ?? fetch(url));
  const keeping = fetching
    .then((response) => (response.ok ? cache.put(url, response.clone()) : undefined))
    .catch(() => undefined)
    .finally(() => loading.delete(file));
  loading.set(file, keeping);
  event.waitUntil(keeping);
  return fetching;
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
