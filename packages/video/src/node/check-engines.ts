import { stat } from 'node:fs/promises';
import { createVideoWriter } from '../create-video-writer.ts';
import { machineEngines, type MediaEngines, mediaServerProblem } from '../media-engines.ts';
import { openVideo } from '../open-video.ts';
import type { MediaEngine } from '../types.ts';
import { temporaryCopy } from './temporary-copy.ts';

/** What one engine did with a frame of 16x16. */
export interface EngineReport {
  readonly engine: MediaEngine;
  /** It decoded an H.264 frame to the right color. */
  readonly decodes: boolean;
  /** It encoded a frame to H.264. */
  readonly encodes: boolean;
  /** Why it does not decode or encode; undefined when it does both. */
  readonly reason: string | undefined;
}

const SIDE = 16;
const COLOR = [200, 60, 40] as const;

/** Largest difference of a channel after 4:2:0 at the quality of the sample. */
const TOLERANCE = 6;

/** One H.264 frame of {@link COLOR} in Matroska, made by ffmpeg. */
const SAMPLE =
  'GkXfo6NChoEBQveBAULygQRC84EIQoKIbWF0cm9za2FCh4EEQoWBAhhTgGcBAAAAAAAB+BFNm3TAv4S/8t29TbuLU6uEFUmpZlOsgaFNu4tTq4' +
  'QWVK5rU6yBzE27jFOrhBJUw2dTrIIBUk27jFOrhBxTu2tTrIIB3OwBAAAAAAAAUwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFUmpZqa/hFqKZDUq17GDD0JATYCETGF2ZldBhExhdmZEiY' +
  'hAj0AAAAAAABZUrmtAgL+E0XT4lK4BAAAAAAAAcdeBAXPFiAAAAAAAAAABnIEAIrWcg3VuZIiBAIaPVl9NUEVHNC9JU08vQVZDg4EBI+ODhDua' +
  'ygDgibCBELqBEJqBAmOirAFkAAr/4QAXZ2QACqzZXsBEAAADAAQAAAMACDxIllgBAAZo6+PLIsD9+PgAElTDZ9i/hIG40HFzc89jwItjxYgAAA' +
  'AAAAAAAWfImUWjh0VOQ09ERVJEh4xMYXZjIGxpYngyNjRnyKJFo4hEVVJBVElPTkSHlDAwOjAwOjAxLjAwMDAwMDAwMAAAH0O2dai/hD6OtPnn' +
  'gQCjnYEAAIAAAAAVZYiEABX//uzPfgU1Qey+6T7VpfjZHFO7a5e/hKCimC27j7OBALeK94EB8YIBr/CBCQ==';

/** Decodes and encodes a tiny frame with each engine that this machine may have. */
export async function checkEngines(): Promise<EngineReport[]> {
  return [await checkEngine('mediabunny'), await checkEngine('ffmpeg')];
}

async function checkEngine(engine: MediaEngine): Promise<EngineReport> {
  const report = { engine, decodes: false, encodes: false };
  const missing = await missingReason(engine);
  if (missing !== undefined) return { ...report, reason: missing };
  const decoding = await failure(() => decode(engine));
  const encoding = await failure(() => encode(engine));
  const reason = [decoding && `decoding: ${decoding}`, encoding && `encoding: ${encoding}`].filter(Boolean).join('; ');
  return { engine, decodes: !decoding, encodes: !encoding, reason: reason || undefined };
}

async function missingReason(engine: MediaEngine): Promise<string | undefined> {
  if (engine === 'ffmpeg')
    return (await machineEngines.findFfmpeg()) ? undefined : 'ffmpeg and ffprobe are not on PATH';
  if (await machineEngines.loadServer()) return undefined;
  return mediaServerProblem() ?? '@mediabunny/server is not installed';
}

async function failure(action: () => Promise<void>): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/\.$/, '');
  }
}

async function decode(engine: MediaEngine): Promise<void> {
  await using reader = await openVideo(new Uint8Array(Buffer.from(SAMPLE, 'base64')), { engine });
  for await (const { data } of reader.frames()) {
    const pixel = [...data.subarray(0, 3)];
    if (pixel.every((value, channel) => Math.abs(value - COLOR[channel]!) <= TOLERANCE)) return;
    throw new Error(`the color of a frame must be ${COLOR.join(', ')}, but is ${pixel.join(', ')}`);
  }
  throw new Error('a file of one frame gave none');
}

async function encode(engine: MediaEngine): Promise<void> {
  const engines: MediaEngines =
    engine === 'ffmpeg' ? { ...machineEngines, loadServer: async () => false } : machineEngines;
  const file = await temporaryCopy(new Uint8Array(0));
  const path = `${file.path}.mp4`;
  const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, index) => COLOR[index % 3]!);
  try {
    const size = { width: SIDE, height: SIDE };
    await using writer = await createVideoWriter(path, { ...size, fps: 1, codec: 'avc' }, engines);
    await writer.write({ ...size, data, timestamp: 0 });
    await writer.finish();
    if ((await stat(path)).size === 0) throw new Error('the file is empty');
  } finally {
    await file.remove();
  }
}
