import type { MediaEngine } from '@od-vae/video';
import type { Arbitrary } from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { pictureDistance } from '../oracles/decode-with-ffmpeg.ts';
import { readWithFfmpeg, type ReferenceVideo } from '../oracles/read-with-ffmpeg.ts';
import { makeRecording } from '../recordings/make-recording.ts';
import { describeRecipe, type Recipe, recipes } from '../recordings/recipe.ts';
import { readFrames, type ReadVideo } from '../read-frames.ts';
import { refusalOf } from '../refusal.ts';
import { SilentError, type Target, type Verdict } from '../target.ts';

/** Seconds that times may differ by; Matroska and FLV store milliseconds. */
const TIME = 0.0021;

/** Mean distance of colors, of 255: on tiny frames the interpolation of chroma alone makes up 3. */
const COLORS = 4;

/** Files written by ffmpeg at random, read by both engines: count, times, rate and pixels equal ffmpeg's. */
export const recording: Target<Recipe> = {
  name: 'recording',
  weight: 150,
  listsRefusals: true,
  inputs: async (): Promise<Arbitrary<Recipe>> => recipes,
  describe: describeRecipe,
  run: async (recipe) => {
    const folder = await mkdtemp(join(tmpdir(), 'od-vae-fuzz-'));
    try {
      const path = await makeRecording(recipe, folder);
      if (path === undefined) return { kind: 'refused', sentence: 'ffmpeg cannot write this file.' };
      const hasAlpha = recipe.codec.encoder === 'libvpx-vp9' && recipe.pixelFormat === 'yuva420p';
      const reference = await readWithFfmpeg(path, hasAlpha ? 'libvpx-vp9' : undefined);
      const hasNoStart = /^(h264|hevc|m2v)$/.test(recipe.container) || recipe.layout === 'cmaf';
      const verdicts = [
        await check('mediabunny', path, reference, hasNoStart),
        await check('ffmpeg', path, reference, hasNoStart),
      ];
      return verdicts.find(({ kind }) => kind === 'refused') ?? { kind: 'follows' };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** Reads a file with one engine, and with ffmpeg where mediabunny cannot read it, as users do. */
async function check(
  engine: MediaEngine,
  path: string,
  reference: ReferenceVideo | undefined,
  hasNoStart: boolean,
): Promise<Verdict> {
  let video: ReadVideo;
  try {
    video = await readFrames(path, Infinity, engine === 'ffmpeg' ? { engine } : {});
  } catch (error) {
    if (error instanceof SilentError) throw new SilentError(`${engine}: ${error.message}`);
    const verdict = refusalOf(error);
    // The summary counts equal sentences: the name of the folder is another one for each file.
    return verdict.kind === 'refused'
      ? { ...verdict, sentence: `${engine}: ${verdict.sentence.replaceAll(dirname(path), '')}` }
      : verdict;
  }
  const difference = reference
    ? differenceOf(video, reference, hasNoStart)
    : `${video.frames.length} frames, but ffmpeg shows none`;
  if (difference !== undefined) throw new SilentError(`${engine}: ${difference}`);
  return { kind: 'follows' };
}

/** Returns the first difference from ffmpeg's reading, in words; undefined where there is none. */
function differenceOf({ info, frames }: ReadVideo, reference: ReferenceVideo, hasNoStart: boolean): string | undefined {
  // Raw streams store no times, and FFmpeg delays files with negative composition offsets: where they begin is arbitrary.
  const begin = hasNoStart ? reference.times[0]! - frames[0]!.timestamp : 0;
  if (frames.length !== reference.frames.length)
    return `${frames.length} frames, but ffmpeg shows ${reference.frames.length}`;
  for (const [index, { timestamp }] of frames.entries()) {
    const expected = reference.times[index]! - begin;
    if (Math.abs(timestamp - expected) > TIME)
      return `frame ${index} is at ${timestamp} s, but ffmpeg shows it at ${expected}`;
  }
  return sizeDifference(info, reference) ?? rateDifference(info, reference) ?? pixelDifference(info, frames, reference);
}

function sizeDifference({ width, height }: ReadVideo['info'], reference: ReferenceVideo): string | undefined {
  const shape = width / height;
  const expected = (reference.width * reference.aspect) / reference.height;
  // Sizes are whole numbers: half a pixel of either side is rounding.
  const rounding = shape * (0.5 / width + 0.5 / height) + 1e-6;
  return Math.abs(shape - expected) > rounding
    ? `${width}x${height}, but ffmpeg shows ${reference.width}x${reference.height} of pixels ${reference.aspect} wide`
    : undefined;
}

function rateDifference({ fps, duration }: ReadVideo['info'], { times, rates }: ReferenceVideo): string | undefined {
  const span = times.at(-1)! - times[0]!;
  const average = times.length > 1 ? [(times.length - 1) / span] : [];
  const candidates = [...rates, ...average].filter((rate) => Number.isFinite(rate) && rate > 0);
  // Times in milliseconds make the average of a few frames coarse.
  const tolerance = 0.01 + (span > 0 ? TIME / span : 0);
  if (candidates.length > 0 && !candidates.some((rate) => Math.abs(fps / rate - 1) < tolerance)) {
    return `${fps} frames per second, but ffmpeg reports ${candidates.map((rate) => rate.toFixed(3)).join(', ')}`;
  }
  const longest = Math.max(0, ...times.slice(1).map((time, index) => time - times[index]!), 1 / fps);
  const isOff = duration !== undefined && (duration < span - TIME || duration > span + 2 * longest + TIME);
  return isOff ? `a duration of ${duration} s, but frames span ${span}` : undefined;
}

function pixelDifference(
  { width, height }: ReadVideo['info'],
  frames: ReadVideo['frames'],
  reference: ReferenceVideo,
): string | undefined {
  // Frames of other pixel shapes are resized; their size has been compared.
  if (width !== reference.width || height !== reference.height) return undefined;
  for (const [index, { data }] of frames.entries()) {
    const distance = pictureDistance(data, reference.frames[index]!);
    if (distance > COLORS) return `frame ${index} is ${distance.toFixed(1)} away from ffmpeg's`;
  }
  return undefined;
}
