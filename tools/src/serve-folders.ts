import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** What browsers insist on; everything else is bytes. */
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.mp4': 'video/mp4',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Headers that let a page share memory among threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** How {@link serveFolders} serves. */
export interface ServeOptions {
  /** Sends the headers of cross-origin isolation; yes unless said otherwise, as hosts of threaded pages do. */
  isolated?: boolean | undefined;
  /** Any that is free by default. */
  port?: number | undefined;
  /** Called with the path of each request. */
  onRequest?: ((path: string) => void) | undefined;
}

/** Serves folders by the path that each stands under, to this machine alone; a path that ends in `/` is its index.html. */
export async function serveFolders(
  folders: Readonly<Record<string, string>>,
  { isolated = true, port = 0, onRequest }: ServeOptions = {},
): Promise<{ address: string } & AsyncDisposable> {
  const headers = isolated ? ISOLATION : {};
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    onRequest?.(path);
    const prefix = Object.keys(folders).find((one) => path.startsWith(one));
    const name = path.endsWith('/') ? `${path}index.html` : path;
    const file = prefix === undefined ? undefined : join(folders[prefix]!, name.slice(prefix.length));
    const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
    if (!file || !found?.isFile()) {
      response.writeHead(404, headers).end();
      return;
    }
    response.writeHead(200, {
      ...headers,
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': found.size,
    });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
