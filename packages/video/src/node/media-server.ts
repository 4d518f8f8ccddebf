import type * as Server from '@mediabunny/server';
import { Logging, LogLevel, registerDecoder } from 'mediabunny';
import { loadNodeAv, SERVER } from './node-av.ts';
import { strictDecoder } from './strict-decoder.ts';

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
    const av = await loadNodeAv();
    // The first decoder that is registered for a codec is the one that is taken.
    registerDecoder(strictDecoder(av, server));
    server.registerMediabunnyServer({ hardwareContext: null });
    av.Log.setLevel(av.AV_LOG_QUIET);
    return true;
  } catch {
    return false;
  }
}
