import { bytesOf, type ChangedFile, changedFiles, describeFile, repositorySeeds } from '../corpus.ts';
import { plainY4m } from '../oracles/plain-y4m.ts';
import { readFrames, type ReadVideo } from '../read-frames.ts';
import { refusalOf } from '../refusal.ts';
import { SilentError, type Target } from '../target.ts';

const PATHS = ['420', '444p10', 'mono', '422p16-full', '444alpha'].map((name) => `packages/fuzz/corpus/${name}.y4m`);

/** YUV4MPEG2: every pixel is what its samples say, to the rounding. */
export const y4m: Target<ChangedFile> = {
  name: 'y4m',
  weight: 1000,
  inputs: async () => changedFiles(await repositorySeeds(PATHS, (bytes) => [0, bytes.indexOf(0x0a) + 8])),
  describe: describeFile,
  run: async (input) => {
    const bytes = bytesOf(input);
    let video: ReadVideo;
    try {
      video = await readFrames(bytes);
    } catch (error) {
      return refusalOf(error);
    }
    // Another beginning makes another kind of file, which has a target of its own.
    if (video.info.container !== 'y4m') return { kind: 'follows' };
    compare(video, bytes);
    return { kind: 'follows' };
  },
};

function compare({ info, frames, more }: ReadVideo, bytes: Uint8Array): void {
  let plain: ReturnType<typeof plainY4m>;
  try {
    plain = plainY4m(bytes);
  } catch (error) {
    throw new SilentError(`it was read, but ${(error as Error).message}`, { cause: error });
  }
  if (!more && plain.frames.length !== frames.length)
    throw new SilentError(`${frames.length} frames came of ${plain.frames.length}`);
  if (Math.abs(info.fps / plain.fps - 1) > 1e-9) throw new SilentError(`the rate is ${info.fps}, not ${plain.fps}`);
  // Pixels that are not square are resampled, which other tests look at.
  if (info.width !== plain.width || info.height !== plain.height) return;
  for (const [index, { data }] of frames.entries()) {
    const wrong = data.findIndex((value, at) => Math.abs(value - plain.frames[index]![at]!) > 1);
    if (wrong >= 0)
      throw new SilentError(`frame ${index}, byte ${wrong} is ${data[wrong]}, not ${plain.frames[index]![wrong]}`);
  }
}
