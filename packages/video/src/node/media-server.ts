import type * as Server from '@mediabunny/server';
import { Logging, LogLevel } from 'mediabunny';
import { loadNodeAv, SERVER } from './node-av.ts';

let loading: Promise<boolean> | undefined;

/** Registers @mediabunny/server's codecs once, where it is installed; tells whether it is. Prints nothing. */
export function loadMediaServer(): Promise<boolean> {
  loading ??= register();
  return loading;
}

async function register(): Promise<boolean> {
  try {
    const server = (await import(/* @vite-ignore */ SERVER)) as typeof Server;
    Logging.level = LogLevel.Silent;
    // SVT-AV1 writes its own lines to stderr unless told not to.
    process.env['SVT_LOG'] ??= '-1';
    server.registerMediabunnyServer({ hardwareContext: null });
    const { Log, AV_LOG_QUIET } = await loadNodeAv();
    Log.setLevel(AV_LOG_QUIET);
    return true;
  } catch {
    return false;
  }
}
