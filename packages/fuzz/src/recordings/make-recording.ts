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

const MUXERS: Partial<Record<Container, string>> = { asf: 'asf', mpg: 'vob' };

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

/** Returns the options that encode the frames on standard input. */
function encode(recipe: Recipe): string[] {
  const { codec, container, width, height, rate, keyInterval, bFrames, openGop } = recipe;
  const seconds = recipe.frames / rateOf(recipe);
  const input = `-f rawvideo -pix_fmt rgb24 -s ${width}x${height} -r ${rate} -i pipe:0`.split(' ');
  const sound = `-f lavfi -t ${seconds} -i sine=r=48000 -c:a ${AUDIO[container] ?? 'aac'}`.split(' ');
  return [
    ...input,
    ...(recipe.sound ? sound : []),
    ...filterOptions(recipe),
    '-c:v',
    codec.encoder,
    ...codec.options,
    '-threads',
    '1',
    ...structureOptions(codec.encoder, keyInterval, bFrames, openGop),
    ...(recipe.offset > 0 ? ['-output_ts_offset', `${recipe.offset}`] : []),
    ...(container in MUXERS ? ['-f', MUXERS[container]!] : []),
    '-strict',
    '-1',
  ];
}

/** Returns the options that convert the pixels, drop frames and tag the colors. */
function filterOptions({ pixelFormat, matrix, range, aspect, variableRate }: Recipe): string[] {
  const scale = [
    'scale=flags=accurate_rnd+full_chroma_int+bicubic',
    ...(matrix ? [`out_color_matrix=${matrix === 'bt470bg' ? 'bt601' : matrix}`] : []),
    ...(range ? [`out_range=${range}`] : []),
  ].join(':');
  const drop = variableRate ? ["select='not(eq(mod(n,5),3))'"] : [];
  return [
    '-vf',
    [...drop, scale, `format=${pixelFormat}`, `setsar=${aspect}`].join(','),
    ...(variableRate ? ['-vsync', 'vfr'] : []),
    ...(matrix ? ['-colorspace', TAGS[matrix] ?? matrix, '-color_primaries', 'bt709', '-color_trc', 'bt709'] : []),
    ...(range ? ['-color_range', range] : []),
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
