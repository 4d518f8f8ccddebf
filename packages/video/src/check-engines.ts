import type { EngineReport } from './node/check-engines.ts';

/**
 * Decodes a tiny H.264 frame and encodes one with each engine, mediabunny with @mediabunny/server and the ffmpeg on PATH;
 * Node only.
 */
export async function checkEngines(): Promise<EngineReport[]> {
  const { checkEngines: check } = await import('#node/check-engines');
  return check();
}
