import { spawn } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Container, structureOptions } from './codecs.ts';
import { editMp4 } from './mp4-boxes.ts';
import { LAYOUTS, type Matrix, type Recipe } from './recipe.ts';

const AUDIO: Partial<Record<Container, string>> = {
  webm: 'libopus',
  mpg: 'mp2',
  flv: 'libmp3lame',
  asf: 'wmav2',
  avi: 'mp2',
};

/** Values of `-colorspace` where they differ from those of the `scale` filter. */
const TAGS: Partial<Record<Matrix, string>> = { bt601: 'smpte170m', bt2020: 'bt2020nc' };

/**
 * Writes the file of a recipe into a folder.
 *
 * @returns its path; undefined where ffmpeg cannot write such a file
 */
export async function makeRecording(recipe: Recipe, folder: string): Promise<string | undefined> {
  const { container, cut, edits, orientation } = recipe;
  const path = join(folder, `recording.${container}`);
  const layout = LAYOUTS[container]?.[recipe.layout] ?? [];
  const whole = cut > 0 ? join(folder, `whole.${container}`) : path;
  if (!(await runFfmpeg([...encode(recipe), ...(cut > 0 ? [] : layout), whole], sourceFrames(recipe))))
    return undefined;
  if (cut > 0) {
    const start = (cut * recipe.frames) / rateOf(recipe);
    if (!(await runFfmpeg(['-ss', `${start}`, '-i', whole, '-c', 'copy', ...layout, path]))) return undefined;
  }
  if (edits || orientation !== 0) {
    const edited = editMp4(await readFile(path), { edits, orientation, rate: rateOf(recipe) });
    await writeFile(`${path}.new`, edited);
    await rename(`${path}.new`, path);
  }
  return path;
}

/** Returns the frames per second of a recipe. */
function rateOf({ rate }: Recipe): number {
  const [over, under] = rate.split('/').map(Number);
  return over! / under!;
}

function encode(recipe: Recipe): string[] {
  const { codec, container, pixelFormat, width, height, rate, matrix, range, aspect, variableRate, sound } = recipe;
  const seconds = recipe.frames / rateOf(recipe);
  const scale = [
    'scale=flags=accurate_rnd+full_chroma_int+bicubic',
    ...(matrix ? [`out_color_matrix=${matrix === 'bt470bg' ? 'bt601' : matrix}`] : []),
    ...(range ? [`out_range=${range}`] : []),
  ].join(':');
  const filters = [
    ...(variableRate ? ["select='not(eq(mod(n,5),3))'"] : []),
    scale,
    `format=${pixelFormat}`,
    `setsar=${aspect}`,
  ];
  return [
    ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', rate, '-i', 'pipe:0'],
    ...(sound ? ['-f', 'lavfi', '-t', `${seconds}`, '-i', 'sine=r=48000', '-c:a', AUDIO[container] ?? 'aac'] : []),
    ...['-vf', filters.join(','), ...(variableRate ? ['-vsync', 'vfr'] : [])],
    ...['-c:v', codec.encoder, ...codec.options, '-threads', '1'],
    ...structureOptions(codec.encoder, recipe.keyInterval, recipe.bFrames, recipe.openGop),
    ...(matrix ? ['-colorspace', TAGS[matrix] ?? matrix, '-color_primaries', 'bt709', '-color_trc', 'bt709'] : []),
    ...(range ? ['-color_range', range] : []),
    ...(recipe.offset > 0 ? ['-output_ts_offset', `${recipe.offset}`] : []),
    ...(container === 'asf' || container === 'mpg' ? ['-f', container === 'asf' ? 'asf' : 'vob'] : []),
    ...['-strict', '-1'],
  ];
}

/**
 * Returns RGB frames with smooth colors that drift, and the frame's index in eight gray bars at the top, so that a frame
 * which is missing, doubled or in the wrong place is far from the one expected.
 */
function sourceFrames({ width, height, frames }: Recipe): Buffer {
  const data = Buffer.alloc(width * height * 3 * frames);
  const bars = 8 * Math.round(height / 16);
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at += 3) {
        if (y < bars) {
          data.fill((frame >> Math.floor((8 * x) / width)) & 1 ? 225 : 30, at, at + 3);
        } else {
          data[at] = 40 + (180 * x) / width;
          data[at + 1] = 40 + (180 * y) / height;
          data[at + 2] = 220 - (170 * x) / width;
        }
      }
    }
  }
  return data;
}

/** Runs ffmpeg with bytes for its standard input; false where it fails. */
function runFfmpeg(options: readonly string[], input?: Buffer): Promise<boolean> {
  const child = spawn('ffmpeg', ['-v', 'error', '-y', ...options], { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on('close', (code) => resolve(code === 0));
    child.on('error', () => resolve(false));
  });
}
