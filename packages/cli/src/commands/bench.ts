import { Command, Option } from 'commander';

import type { BenchReport } from '../bench/measure-model.ts';
import { addModelOptions, type ModelFlags } from '../options/model-options.ts';
import { clipSize, type ClipSize, wholeNumber } from '../options/parse-value.ts';
import { bytesText, grouped } from '../output/format-number.ts';
import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printReport, type Row } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';

type Flags = OutputFlags &
  ModelFlags & {
    readonly variant?: '1' | '2' | '3' | '4' | undefined;
    readonly size: ClipSize;
    readonly rounds: number;
  };

const EXAMPLES = `
A clip of noise is encoded and decoded, once to warm up and then --rounds times. Speeds are those of the median round;
OD_VAE_THREADS and OD_VAE_PRECISION change them.

Examples:
  od-vae bench
  od-vae bench --size 33x256x256 --backend wasm
  od-vae bench --variant 4 --json`;

/** The command `od-vae bench`. */
export function benchCommand(streams: Streams): Command {
  const command = new Command('bench')
    .description('Measures how fast this machine encodes and decodes, and the memory that it takes.')
    .addOption(
      new Option('--variant <number>', "one of the paper's variants in full width, with random weights")
        .choices(['1', '2', '3', '4'])
        .conflicts('model'),
    )
    .option('--size <TxHxW>', 'frames, height and width of the clip', clipSize, clipSize('17x128x128'))
    .option('--rounds <count>', 'rounds that are measured', wholeNumber(1, 1000), 3);
  for (const add of [addModelOptions, addOutputOptions]) add(command);
  return command.addHelpText('after', EXAMPLES).action((flags: Flags) => bench(streams, flags));
}

async function bench(streams: Streams, flags: Flags): Promise<void> {
  const { variant, size, rounds } = flags;
  const { signal } = streams;
  const { measureModel } = await import('../bench/measure-model.ts');
  const { startModel, startVariant } = await import('../start-model.ts');
  using bar = progressBar(streams, flags, []);
  const { onProgress } = bar;
  using vae = await (variant === undefined ? startModel(flags, { onProgress, signal }) : startVariant(variant, flags));
  const report = await measureModel(vae, { size, rounds, onProgress, signal });
  bar[Symbol.dispose]();
  printReport(streams, flags, report, rowsOf(report));
}

function rowsOf(report: BenchReport): Row[] {
  const { model, parameters, vcpr, backend, threads, frames, height, width, encode, decode, peakBytes } = report;
  return [
    ['model', model],
    ['parameters', grouped(parameters)],
    ['VCPR', vcpr],
    ['backend', threads === undefined ? backend : `${backend}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`],
    ['clip', `${frames}x${height}x${width}`],
    ['encode', `${encode.framesPerSecond.toFixed(2)} frames/s`],
    ['decode', `${decode.framesPerSecond.toFixed(2)} frames/s`],
    ['peak memory', bytesText(peakBytes)],
  ];
}
