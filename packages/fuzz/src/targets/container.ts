import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bytesOf, type ChangedFile, changedFiles, describeFile, repositorySeeds } from '../corpus.ts';
import { decodeWithFfmpeg, pictureDistance } from '../oracles/decode-with-ffmpeg.ts';
import { readFrames, type ReadVideo } from '../read-frames.ts';
import { refusalOf } from '../refusal.ts';
import { SilentError, type Target } from '../target.ts';

const NAMES = [
  'h264.mp4',
  'vp9.webm',
  'av1.mp4',
  'hevc.mkv',
  'rotated.mp4',
  'vfr.webm',
  'late.mkv',
  'alpha.webm',
  'mpeg4.avi',
];

/** Mean distance between our colours and ffmpeg's, which differ in how chroma is enlarged. */
const COLOURS = 12;

/** mp4, webm, mkv and avi: as many frames as ffmpeg decodes, in the same order, with the same pictures. */
export const container: Target<ChangedFile> = {
  name: 'container',
  weight: 800,
  inputs: async () => changedFiles(await repositorySeeds(NAMES.map((name) => `packages/video/src/fixtures/${name}`))),
  describe: describeFile,
  run: async (input) => {
    const bytes = bytesOf(input);
    const folder = await mkdtemp(join(tmpdir(), 'od-vae-fuzz-'));
    try {
      const path = join(folder, 'input');
      await writeFile(path, bytes);
      let video: ReadVideo;
      try {
        video = await readFrames(path, 2 ** 22);
      } catch (error) {
        return refusalOf(error);
      }
      await compare(video, path, input.seed.name !== 'alpha.webm');
      return { kind: 'follows' };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** Without `pictures` only their number counts: ffmpeg shows no opacity. */
async function compare({ info, frames, more }: ReadVideo, path: string, pictures: boolean): Promise<void> {
  if (['y4m', 'gif', 'image'].includes(info.container)) return;
  const other = await decodeWithFfmpeg(path, frames[0]!.data.length, frames.length + 1);
  // Where the file around the pictures is odd, ffmpeg may refuse all of it, and tells nothing about them.
  if (other.frames.length === 0 && !other.complaint) return;
  if (other.complaint) throw new SilentError(`all ${frames.length} frames came, but ffmpeg says ${other.complaint}`);
  if (!more && other.frames.length !== frames.length && info.rotation === 0) {
    throw new SilentError(`${frames.length} frames came, but ffmpeg finds ${other.frames.length}`);
  }
  if (info.rotation === 0 && pictures) comparePictures(frames, other.frames, info.width);
}

/** A matrix in the file may turn pictures around, which ffmpeg was told not to do. */
function comparePictures(frames: ReadVideo['frames'], others: readonly Uint8Array[], width: number): void {
  for (const [index, { data }] of frames.entries()) {
    const theirs = others[index];
    const distance = theirs
      ? Math.min(pictureDistance(data, theirs), pictureDistance(data, mirrored(theirs, width)))
      : 0;
    if (distance > COLOURS) throw new SilentError(`frame ${index} is ${distance.toFixed(1)} away from ffmpeg's`);
  }
}

function mirrored(data: Uint8Array, width: number): Uint8Array {
  return data.map((_, at) => {
    const pixel = Math.floor(at / 3);
    const column = pixel % width;
    return data[3 * (pixel - column + width - 1 - column) + (at % 3)]!;
  });
}
