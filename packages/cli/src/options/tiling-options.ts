import { type Command, Option } from 'commander';
import type { SpatialTiling, Tiling } from 'od-vae';

import { UsageError } from '../usage-error.ts';
import { byteSize, decimalNumber, tileLength, wholeNumber } from './parse-value.ts';

const PRESETS = ['paper', 'official', 'v1.1', 'script', 'save-memory'] as const;

/** How a long video is cut into tiles, and what memory that may need. */
export interface TilingFlags {
  readonly memory?: number | undefined;
  readonly tiling?: (typeof PRESETS)[number] | undefined;
  readonly tileFrames?: number | undefined;
  readonly tileSize?: number | undefined;
  readonly tileOverlap?: number | undefined;
}

/** Adds `--memory` and the options that say how a video is cut. */
export function addTilingOptions(command: Command): Command {
  return command
    .option('--memory <size>', 'memory that may be used, such as 2GB; it chooses the tiles', byteSize)
    .addOption(
      new Option(
        '--tiling <name>',
        'groups of the paper (33 frames), or the tiles of the released class and scripts',
      ).choices(PRESETS),
    )
    .option('--tile-frames <count>', 'frames a tile, 4n+1 (33 by default); fewer need less memory', tileLength)
    .option(
      '--tile-size <pixels>',
      'side of the squares that frames are cut into (whole by default)',
      wholeNumber(8, 16_384),
    )
    .option(
      '--tile-overlap <part>',
      'part of a square that is blended with the next (0.125)',
      decimalNumber(0, 0.9, true),
    );
}

/**
 * The tiling that the options ask for; undefined for the one that memory allows.
 *
 * @throws UsageError when they do not go together
 */
export async function tilingFor(
  flags: TilingFlags,
  strides: { time: number; space: number },
): Promise<Tiling | undefined> {
  const { tiling: name, tileFrames, tileSize, tileOverlap } = flags;
  if (name === undefined && tileFrames === undefined && tileSize === undefined && tileOverlap === undefined) {
    return undefined;
  }
  const preset = await presetNamed(name ?? 'paper');
  const spatial = squares(preset.spatial, flags, strides.space);
  const groups =
    tileFrames === undefined ? preset : { frames: tileFrames, latents: (tileFrames - 1) / strides.time + 1 };
  return { frames: groups.frames, latents: groups.latents, ...(spatial && { spatial }) };
}

function squares(
  preset: SpatialTiling | undefined,
  { tileSize, tileOverlap }: TilingFlags,
  space: number,
): SpatialTiling | undefined {
  const sampleSize = tileSize ?? preset?.sampleSize;
  if (sampleSize === undefined) {
    if (tileOverlap === undefined) return undefined;
    throw new UsageError('--tile-overlap needs --tile-size, or a --tiling that cuts frames.');
  }
  if (sampleSize % space !== 0) {
    throw new UsageError(`--tile-size must be a multiple of ${space}, but is ${sampleSize}.`);
  }
  return { ...preset, sampleSize, latentSize: sampleSize / space, overlap: tileOverlap ?? preset?.overlap ?? 0.125 };
}

/** The library is loaded by those commands alone that compute. */
async function presetNamed(name: (typeof PRESETS)[number]): Promise<Tiling> {
  const tilings = await import('od-vae');
  const presets = {
    paper: tilings.paperTiling,
    official: tilings.officialTiling,
    'v1.1': tilings.v11Tiling,
    script: tilings.scriptTiling,
    'save-memory': tilings.saveMemoryTiling,
  };
  return presets[name];
}
