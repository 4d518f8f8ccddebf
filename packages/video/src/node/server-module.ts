import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';
import type * as Server from '@mediabunny/server';
import * as mediabunny from 'mediabunny';
import { importInstalled, resolveInstalled } from './import-installed.ts';
import { SERVER } from './node-av.ts';

type ServerModule = typeof Server;

let importing: Promise<ServerModule> | undefined;

/**
 * Imports @mediabunny/server so that it uses this package's copy of mediabunny.
 *
 * `npm install --global` and bundles for Node give each of them a copy of its own. Samples and codecs of one copy do not
 * work with another, so the CommonJS build of the server then runs with the copy of this package.
 */
export function importServer(): Promise<ServerModule> {
  importing ??= (async () => {
    const server = await importInstalled<ServerModule>(SERVER);
    return sharesMediabunny(server) ? server : bindServer(resolveInstalled(SERVER, import.meta.url));
  })();
  return importing;
}

/** Whether a server uses this package's copy of mediabunny. */
export function sharesMediabunny({
  AvFrameVideoSampleResource,
}: Pick<ServerModule, 'AvFrameVideoSampleResource'>): boolean {
  return AvFrameVideoSampleResource.prototype instanceof mediabunny.VideoSampleResource;
}

/**
 * Runs the CommonJS build of the server with this package's copy of mediabunny.
 *
 * Its ProRes decoder keeps the other copy, so ffmpeg decodes ProRes.
 */
export async function bindServer(path: string): Promise<ServerModule> {
  const require = process.getBuiltinModule('node:module').createRequire(path);
  const module = { exports: {} };
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];
  const run = compileFunction(await readFile(path, 'utf8'), parameters, { filename: path });
  const requireShared = (id: string): unknown => (id === 'mediabunny' ? mediabunny : require(id));
  run(module.exports, requireShared, module, path, dirname(path));
  return module.exports as ServerModule;
}
