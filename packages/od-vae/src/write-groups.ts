import type { Frame } from '@od-vae/video';

import type { RebuiltGroup } from './decode-latents.ts';
import type { GroupStore } from './group-store.ts';
import type { StoredFrames } from './node/frames-store.ts';
import type { RebuiltFrame } from './pixels.ts';
import type { FrameWriter } from './write-behind.ts';

/** What becomes of the frames of groups. */
interface WriteGroupsOptions<Score> {
  /** Nowhere if undefined. */
  readonly writer: FrameWriter | undefined;
  /** Groups that are known already, and where new ones are kept. */
  readonly store: GroupStore<StoredFrames<Score>> | undefined;
  /** A picture as it is written, and its score; undefined for a picture that is not wanted. */
  readonly finish: (picture: RebuiltFrame) => { readonly frame: Frame; readonly score: Score } | undefined;
  /** Hears of a frame that was finished when the job ran before. */
  readonly onStored: (score: Score) => void;
}

/** Writes the frames of all groups in their order, those that are known already as they were. */
export async function writeGroups<Score>(
  groups: AsyncIterable<RebuiltGroup>,
  { writer, store, finish, onStored }: WriteGroupsOptions<Score>,
): Promise<void> {
  for await (const { index, pictures } of groups) {
    if (!pictures) {
      const { frames, scores } = await store!.read(index);
      for (const [at, frame] of frames.entries()) {
        onStored(scores[at]!);
        await writer?.write(frame);
      }
      continue;
    }
    const kept: { frames: Frame[]; scores: Score[] } = { frames: [], scores: [] };
    for (const picture of pictures) {
      const finished = finish(picture);
      if (!finished) continue;
      if (store) {
        kept.frames.push(finished.frame);
        kept.scores.push(finished.score);
      }
      await writer?.write(finished.frame);
    }
    await store?.write(index, kept);
  }
}
