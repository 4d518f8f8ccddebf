import { MediaError } from '@od-vae/core/base';
import type { FfmpegTools } from './node/ffmpeg-tools.ts';
import { hasNode } from './runtime.ts';
import type { MediaEngine } from './types.ts';

/** Where codecs come from on this machine. */
export interface MediaEngines {
  /** Registers @mediabunny/server; false where it is not installed. Browsers bring their own codecs. */
  loadServer(): Promise<boolean>;
  /** The `ffmpeg` and `ffprobe` on PATH. */
  findFfmpeg(): Promise<FfmpegTools | undefined>;
  /** Whether containers skip mediabunny, although it may have the codecs. */
  readonly skipsMediabunny?: boolean;
}

let serverProblem: string | undefined;

async function loadServer(): Promise<boolean> {
  if (!hasNode()) return false;
  const { loaded, problem } = await (await import('#node/media-server')).loadMediaServer();
  if (problem !== undefined && problem !== serverProblem) {
    serverProblem = problem;
    process.emitWarning(`${problem}. Videos are read and written with ffmpeg, if it is on PATH.`);
  }
  return loaded;
}

/** Why the codecs of an installed @mediabunny/server cannot be used; known after `loadServer`. */
export function mediaServerProblem(): string | undefined {
  return serverProblem;
}

/** What this machine really has. */
export const machineEngines: MediaEngines = {
  loadServer,
  findFfmpeg: async () => (hasNode() ? (await import('#node/ffmpeg-tools')).findFfmpeg() : undefined),
};

/** Returns the engines of this machine, or only the one named. */
export function chooseEngines(engine: MediaEngine | undefined): MediaEngines {
  if (engine === 'mediabunny') return { ...machineEngines, findFfmpeg: async () => undefined };
  return engine === 'ffmpeg' ? { ...machineEngines, skipsMediabunny: true } : machineEngines;
}

/** Lines that install the two sources of codecs in Node. */
export const INSTALL_SERVER = 'npm install @mediabunny/server';
export const INSTALL_FFMPEG = 'apt install ffmpeg (or brew install ffmpeg, winget install ffmpeg)';

/** The error of a machine that has no codec for a video. */
export function missingEngines(who: string): MediaError {
  return new MediaError(
    hasNode()
      ? `${who} needs a codec that is not here: ${serverProblem === undefined ? `run "${INSTALL_SERVER}" or` : `${serverProblem}. Otherwise run`} "${INSTALL_FFMPEG}".`
      : `${who} needs a codec that this browser does not have.`,
  );
}
