import { bytesOf, type ChangedFile, changedFiles, describeFile, repositorySeeds } from '../corpus.ts';
import { plainGif } from '../oracles/plain-gif.ts';
import { readFrames, type ReadVideo } from '../read-frames.ts';
import { refusalOf } from '../refusal.ts';
import { SilentError, type Target } from '../target.ts';

const PATHS = ['packages/video/src/fixtures/disposal.gif', 'packages/fuzz/corpus/delta.gif'];

/** GIF: every frame as another reader composes it. */
export const gif: Target<ChangedFile> = {
  name: 'gif',
  weight: 1000,
  inputs: async () => changedFiles(await repositorySeeds(PATHS)),
  describe: describeFile,
  run: async (input) => {
    const bytes = bytesOf(input);
    let video: ReadVideo;
    try {
      video = await readFrames(bytes, 2 ** 24);
    } catch (error) {
      return refusalOf(error);
    }
    if (video.info.container === 'gif') compare(video, bytes);
    return { kind: 'follows' };
  },
};

function compare({ info, frames, more }: ReadVideo, bytes: Uint8Array): void {
  const { width, height } = info;
  // Every frame of a large picture at once would take more memory than a run may.
  if (width * height > 2 ** 20) return;
  let plain: ReturnType<typeof plainGif>;
  try {
    plain = plainGif(bytes, frames.length);
  } catch (error) {
    throw new SilentError(`it was read, but ${(error as Error).message}`, { cause: error });
  }
  // The other reader stops at extensions that it does not know, which are to be skipped.
  if (!more && plain.count > frames.length) {
    throw new SilentError(`${frames.length} frames came of ${plain.count}`);
  }
  for (const [index, { data }] of frames.slice(0, plain.count).entries()) {
    const wrong = data.findIndex((value, at) => value !== plain.frames[index]![at]);
    if (wrong >= 0)
      throw new SilentError(`frame ${index}, byte ${wrong} is ${data[wrong]}, not ${plain.frames[index]![wrong]}`);
  }
}
