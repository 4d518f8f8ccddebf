import { ConfigError, ShapeError } from '@od-vae/core';

/** A stretch of one axis, `end` excluded. */
export interface TileRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * Groups of at most `tileFrames` frames in which each begins with the last frame of the one before: 97 frames by 33 are
 * `[0,33) [32,65) [64,97)`.
 *
 * The first output frame of every later group is dropped, so a last group that would give that one frame alone is left out.
 *
 * @param temporalStride input frames for each output frame after the first: 4 for the encoder, 1 for the decoder
 * @throws ConfigError when `tileFrames` is below 2, or later groups would not begin at an output frame
 */
export function temporalTiles(frames: number, tileFrames: number, temporalStride = 1): readonly TileRange[] {
  if (!Number.isInteger(frames) || frames < 1) {
    throw new ShapeError(`temporalTiles: a clip needs at least 1 frame, but has ${frames}.`);
  }
  checkTileFrames('temporalTiles', tileFrames, temporalStride);
  const tiles: TileRange[] = [{ begin: 0, end: Math.min(tileFrames, frames) }];
  for (let begin = tileFrames - 1; begin + temporalStride < frames; begin += tileFrames - 1) {
    tiles.push({ begin, end: Math.min(begin + tileFrames, frames) });
  }
  return tiles;
}

/** Refuses a group length that leaves no room for the one-frame overlap, or that the stride does not divide. */
export function checkTileFrames(caller: string, tileFrames: number, temporalStride: number): void {
  if (!Number.isInteger(temporalStride) || temporalStride < 1) {
    throw new ConfigError(`${caller}: temporalStride must be a whole number of at least 1, but is ${temporalStride}.`);
  }
  if (!Number.isInteger(tileFrames) || tileFrames < 2) {
    throw new ConfigError(
      `${caller}: a tile must have a whole number of frames, at least 2 for a one-frame overlap, but has ${tileFrames}.`,
    );
  }
  if ((tileFrames - 1) % temporalStride !== 0) {
    const above = 1 + Math.ceil((tileFrames - 1) / temporalStride) * temporalStride;
    throw new ConfigError(
      `${caller}: a tile must have 1 + ${temporalStride}n frames, but has ${tileFrames} (try ${above}).`,
    );
  }
}
