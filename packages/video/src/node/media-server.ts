import type * as Server from '@mediabunny/server';
import { Logging, LogLevel, registerDecoder } from 'mediabunny';
import { loadNodeAv, SERVER } from './node-av.ts';
import { importServer, sharesMediabunny } from './server-module.ts';
import { strictDecoder } from './strict-decoder.ts';

/** Whether the codecs of @mediabunny/server are registered, and why they are not although it is installed. */
export interface ServerState {
  readonly loaded: boolean;
  readonly problem?: string;
}

const DOUBLE_LOAD =
  `${SERVER} is not used, because it loads another copy of mediabunny than @od-vae/video. ` +
  'Install both in one project with one version of mediabunny ("npm ls mediabunny" lists the copies), ' +
  'and exclude mediabunny from bundles for Node';

let loading: Promise<ServerState> | undefined;

/** Registers the codecs of @mediabunny/server once, if it is installed and shares this package's copy of mediabunny. */
export function loadMediaServer(): Promise<ServerState> {
  loading ??= register();
  return loading;
}

async function register(): Promise<ServerState> {
  let server: typeof Server;
  try {
    server = await importServer();
  } catch (error) {
    return isMissing(error) ? { loaded: false } : failed(error);
  }
  if (!sharesMediabunny(server)) return { loaded: false, problem: DOUBLE_LOAD };
  try {
    Logging.level = LogLevel.Silent;
    // SVT-AV1 writes its own lines to stderr unless told not to.
    process.env['SVT_LOG'] ??= '-1';
    const av = await loadNodeAv();
    // The first decoder that is registered for a codec is the one that is taken.
    registerDecoder(strictDecoder(av, server));
    server.registerMediabunnyServer({ hardwareContext: null });
    av.Log.setLevel(av.AV_LOG_QUIET);
    return { loaded: true };
  } catch (error) {
    return failed(error);
  }
}

function isMissing(error: unknown): boolean {
  const { code, message = '' } = error as { code?: string; message?: string };
  const names = [`'${SERVER}'`, `"${SERVER}"`].some((name) => message.includes(name));
  return names && (code === undefined || code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND');
}

function failed(error: unknown): ServerState {
  const reason = ((error as Error).message ?? String(error)).split('\n')[0]!.replace(/\.$/, '');
  return { loaded: false, problem: `${SERVER} is installed, but does not start: ${reason}` };
}
