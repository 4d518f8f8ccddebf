import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as Server from '@mediabunny/server';
import { Logging, LogLevel } from 'mediabunny';

const SERVER = '@mediabunny/server';

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
    await silenceDecoder();
    return true;
  } catch {
    return false;
  }
}

/** FFmpeg's own log goes straight to stderr; node-av, which the server part brings, holds the switch. */
async function silenceDecoder(): Promise<void> {
  const serverPath = createRequire(import.meta.url).resolve(SERVER);
  const path = createRequire(serverPath).resolve('node-av');
  const { Log, AV_LOG_QUIET } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as {
    Log: { setLevel(level: number): void };
    AV_LOG_QUIET: number;
  };
  Log.setLevel(AV_LOG_QUIET);
}
