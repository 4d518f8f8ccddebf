import { type Command, Option } from 'commander';

import { cropSize, decimalNumber, wholeNumber } from './parse-value.ts';

/** Which part of a video is taken, and at what size. */
export interface ClipFlags {
  readonly start?: number | undefined;
  readonly frames?: number | undefined;
  readonly fps?: number | undefined;
  readonly shortSide?: number | undefined;
  readonly crop?: 'square' | { readonly width: number; readonly height: number } | undefined;
  readonly framePolicy?: 'pad' | 'trim' | 'error' | undefined;
}

/** How latents are taken from the posterior. */
export interface SampleFlags {
  readonly sample?: true | undefined;
  readonly seed?: number | undefined;
}

/** Adds the options that choose frames and their size. */
export function addClipOptions(command: Command): Command {
  return command
    .option('--start <index>', 'first frame, counted from 0 after --fps', wholeNumber(0))
    .option('-n, --frames <count>', 'at most this many frames', wholeNumber(1))
    .option('--fps <rate>', 'resample to this many frames a second', decimalNumber(0, 1000))
    .option('--short-side <pixels>', 'resize so that the shorter side has this many pixels', wholeNumber(1, 16_384))
    .option('--crop <size>', 'cut out of the middle: square, or a size such as 256x256', cropSize)
    .addOption(
      new Option(
        '--frame-policy <policy>',
        'a clip that is not 4n+1 frames long, or no multiple of 8 pixels wide and high',
      ).choices(['pad', 'trim', 'error']),
    );
}

/** Adds `--sample` and `--seed`. */
export function addSampleOptions(command: Command): Command {
  return command
    .option('--sample', 'draw latents from the posterior instead of taking its mode')
    .option(
      '--seed <number>',
      'seed of --sample; a fresh one by default, which is printed',
      wholeNumber(0, 0xffff_ffff),
    );
}
