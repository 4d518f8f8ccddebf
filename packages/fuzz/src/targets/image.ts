import { bytesOf, type ChangedFile, changedFiles, describeFile, repositorySeeds } from '../corpus.ts';
import { crc32, plainPng } from '../oracles/plain-png.ts';
import { readFrames, type ReadVideo } from '../read-frames.ts';
import { refusalOf } from '../refusal.ts';
import { SilentError, type Target } from '../target.ts';

const NAMES = ['plain.png', 'grey.png', 'deep.png', 'plain.jpg', 'palette.bmp', 'lossy.webp'];

/** Still images: PNGs to the pixel as a plain reader finds them, the others in their size. */
export const image: Target<ChangedFile> = {
  name: 'image',
  weight: 500,
  inputs: async () =>
    changedFiles(
      await repositorySeeds(
        NAMES.map((name) => `packages/fuzz/corpus/${name}`),
        undefined,
        mendChecksums,
      ),
    ),
  describe: describeFile,
  run: async (input) => {
    const bytes = bytesOf(input);
    let video: ReadVideo;
    try {
      video = await readFrames(bytes);
    } catch (error) {
      return refusalOf(error);
    }
    if (video.info.codec === 'png') compare(video, bytes);
    return { kind: 'follows' };
  },
};

function compare({ info, frames }: ReadVideo, bytes: Uint8Array): void {
  let plain: ReturnType<typeof plainPng>;
  try {
    plain = plainPng(bytes);
  } catch (error) {
    throw new SilentError(`it was read, but ${(error as Error).message}`, { cause: error });
  }
  if (!plain) return;
  if (info.width !== plain.width || info.height !== plain.height)
    throw new SilentError(`it is ${info.width}x${info.height}`);
  const wrong = frames[0]!.data.findIndex((value, at) => value !== plain.data[at]);
  if (wrong >= 0) throw new SilentError(`byte ${wrong} is ${frames[0]!.data[wrong]}, not ${plain.data[wrong]}`);
}

/** The checksums of a PNG anew, chunk by chunk as far as there are whole ones. */
function mendChecksums(changed: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(changed.buffer);
  for (let at = 8; changed[1] === 0x50 && at + 12 <= changed.length;) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > changed.length) break;
    view.setUint32(end, crc32(changed.subarray(at + 4, end)));
    at = end + 4;
  }
  return changed;
}
