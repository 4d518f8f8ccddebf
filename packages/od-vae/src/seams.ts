import { maskedPsnr, type Picture } from '@od-vae/metrics';
import { planTiles, type Tiling } from '@od-vae/tiling';

import type { ModelStrides } from './frame-policy.ts';

/** Frames on either side of a border in time, and pixels on either side of one in space, that count as near it. */
const NEAR_FRAMES = 4;
const NEAR_PIXELS = 8;

/** Where a tiled video has its seams. */
export interface Seams {
  /** The first frame of every group but the first, of the encoder or the decoder. */
  readonly frames: readonly number[];
  /** The first row of every tile but the topmost. */
  readonly rows: readonly number[];
  /** The first column of every tile but the leftmost. */
  readonly columns: readonly number[];
  /** Rows and columns, from the first of a tile on, in which it is blended with the one before. */
  readonly blend: number;
}

/** What is asked of {@link seamsOf}. */
interface SeamsRequest {
  readonly tiling: Tiling;
  readonly strides: ModelStrides;
  /** Latents of the whole video. */
  readonly latents: { readonly time: number; readonly height: number; readonly width: number };
}

/** The seams of a video that was encoded and decoded with a tiling. */
export function seamsOf({ tiling, strides: { time: stride, space }, latents }: SeamsRequest): Seams {
  const strides = { temporalStride: stride, spatialStride: space };
  const plan = planTiles({ ...latents, direction: 'decode', tiling, ...strides });
  const starts = (tiles: readonly { readonly output: { readonly begin: number } }[]) =>
    tiles.slice(1).map(({ output }) => output.begin);
  const total = plan.output.time;
  const frames = new Set(starts(plan.times));
  for (let frame = tiling.frames; frame < total; frame += tiling.frames - 1) frames.add(frame);
  return {
    frames: [...frames].toSorted((a, b) => a - b),
    rows: starts(plan.rows),
    columns: starts(plan.columns),
    blend: plan.blend,
  };
}

/** Which pixels of a picture lie where tiles meet; undefined where it is not cut. */
export function seamMask({ rows, columns, blend }: Seams, width: number, height: number): Uint8Array | undefined {
  if (rows.length + columns.length === 0) return undefined;
  const near = (starts: readonly number[], length: number) => {
    const flags = new Uint8Array(length);
    for (const start of starts) flags.fill(1, Math.max(0, start - NEAR_PIXELS), start + blend + NEAR_PIXELS);
    return flags;
  };
  const [nearRows, nearColumns] = [near(rows, height), near(columns, width)];
  return Uint8Array.from(
    { length: width * height },
    (_, pixel) => nearRows[Math.floor(pixel / width)]! | nearColumns[pixel % width]!,
  );
}

/** PSNR of one frame near the borders of tiles and elsewhere. */
export interface FrameSeams {
  /** Undefined where frames are not cut in space. */
  readonly nearTiles: number | undefined;
  readonly awayFromTiles: number | undefined;
}

/** Scores a frame near the borders of its tiles and elsewhere; a frame without a mask has no such scores. */
export function scoreSeams(original: Picture, rebuilt: Picture, mask: Uint8Array | undefined): FrameSeams {
  if (!mask) return { nearTiles: undefined, awayFromTiles: undefined };
  const { inside, outside } = maskedPsnr(original, rebuilt, mask);
  return { nearTiles: inside, awayFromTiles: outside };
}

/** What the seams of a video cost: means of PSNR in decibels, each undefined where there is no such frame or pixel. */
export interface SeamReport extends Seams {
  /** Frames at most 4 from a border between groups. */
  readonly psnrNearGroups: number | undefined;
  /** All other frames. */
  readonly psnrAwayFromGroups: number | undefined;
  /** Pixels that two tiles share, or at most 8 beside them. */
  readonly psnrNearTiles: number | undefined;
  /** All other pixels, of videos that are cut in space. */
  readonly psnrAwayFromTiles: number | undefined;
}

/** Sums up scores of all frames. */
export function reportSeams(seams: Seams, perFrame: readonly (FrameSeams & { readonly psnr: number })[]): SeamReport {
  const isNear = (frame: number) =>
    seams.frames.some((start) => frame >= start - NEAR_FRAMES && frame < start + NEAR_FRAMES);
  const [near, away]: [number[], number[]] = [[], []];
  for (const [frame, { psnr }] of perFrame.entries()) (isNear(frame) ? near : away).push(psnr);
  return {
    ...seams,
    psnrNearGroups: mean(near),
    psnrAwayFromGroups: mean(away),
    psnrNearTiles: mean(perFrame.map((frame) => frame.nearTiles)),
    psnrAwayFromTiles: mean(perFrame.map((frame) => frame.awayFromTiles)),
  };
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : undefined;
}
