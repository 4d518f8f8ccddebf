import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { root, type Workspace } from '../workspace.ts';
import { runCommand } from './run-command.ts';
import { runInTurns } from './run-in-turns.ts';

/** A registry that serves the packages of this workspace as they would be published. */
export interface LocalRegistry extends AsyncDisposable {
  readonly url: string;
  /** Tarballs by package name. */
  readonly tarballs: ReadonlyMap<string, string>;
}

/** Packs all public packages and serves them to npm; requests for other packages are redirected to npm's registry. */
export async function startRegistry(
  packages: readonly [string, Workspace][],
  workplace: string,
): Promise<LocalRegistry> {
  const tarballs = await packAll(packages, workplace);
  const upstream = (await runCommand('npm', ['config', 'get', 'registry'], root)).trim().replace(/\/$/, '');
  const documents = new Map<string, object>();
  const server = createServer((request, response) => answer(request, response, documents, tarballs, upstream));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [name, tarball] of tarballs) documents.set(name, await describePackage(name, tarball, url));
  return { url, tarballs, [Symbol.asyncDispose]: async () => void server.close() };
}

/** Packs packages as they would be published, and returns their tarballs by name. */
export async function packAll(
  packages: readonly [string, Workspace][],
  workplace: string,
): Promise<ReadonlyMap<string, string>> {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string };
  const tarballs = new Map<string, string>();
  await runInTurns(packages, async ([name, { folder }]) => {
    const target = join(workplace, 'tarballs', name.replaceAll(/\W+/g, '-'));
    mkdirSync(target, { recursive: true });
    await runCommand('npx', ['-y', packageManager, 'pack', '--pack-destination', target], folder);
    tarballs.set(name, join(target, readdirSync(target)[0]!));
  });
  return tarballs;
}

/** Returns what a registry reports about a package of one version. */
async function describePackage(name: string, tarball: string, url: string): Promise<object> {
  const text = await runCommand('tar', ['-xOzf', tarball, 'package/package.json'], root);
  const manifest = JSON.parse(text) as { version: string };
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  const dist = { tarball: `${url}/-/tarballs/${encodeURIComponent(name)}.tgz`, integrity };
  return {
    name,
    'dist-tags': { latest: manifest.version },
    versions: { [manifest.version]: { ...manifest, _id: `${name}@${manifest.version}`, dist } },
  };
}

function answer(
  { url = '/' }: IncomingMessage,
  response: ServerResponse,
  documents: ReadonlyMap<string, object>,
  tarballs: ReadonlyMap<string, string>,
  upstream: string,
): void {
  const file = /^\/-\/tarballs\/(.+)\.tgz$/.exec(url)?.[1];
  const tarball = file === undefined ? undefined : tarballs.get(decodeURIComponent(file));
  const document = documents.get(decodeURIComponent(url.slice(1)));
  if (tarball !== undefined) response.end(readFileSync(tarball));
  // The version is the same in every run, so npm must not keep what it contains.
  else if (document) {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(document));
  } else response.writeHead(302, { location: upstream + url }).end();
}
