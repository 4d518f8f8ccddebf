import { type Command, Option } from 'commander';

import { decimalNumber } from './parse-value.ts';

/** How a video is written. */
export interface WriterFlags {
  readonly codec?: 'avc' | 'hevc' | 'vp8' | 'vp9' | 'av1' | undefined;
  readonly quality?: number | undefined;
  readonly lossless?: true | undefined;
}

/** Adds `--codec`, `--quality` and `--lossless`. */
export function addWriterOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--codec <name>', 'video codec; default avc, vp9 for webm and odd sizes').choices([
        'avc',
        'hevc',
        'vp8',
        'vp9',
        'av1',
      ]),
    )
    .option('--quality <number>', 'of the video codec, from 0 (small) to 1 (best)', decimalNumber(0, 1, true))
    .option('--lossless', 'code without loss (avc, vp9)');
}
