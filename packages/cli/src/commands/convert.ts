import { Command, Option } from 'commander';

import type { ConvertReport, ConvertRequest } from '../convert/convert-request.ts';
import { byteSize, wholeNumber } from '../options/parse-value.ts';
import { bytesText, counted, grouped } from '../output/format-number.ts';
import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printNote, printReport, type Row } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';
import { UsageError } from '../usage-error.ts';

type Flags = OutputFlags &
  Pick<ConvertRequest, 'to'> & {
    readonly dtype?: 'f32' | 'f16' | 'bf16' | undefined;
    readonly init?: 'tail' | 'average' | 'random' | undefined;
    readonly variant?: string | undefined;
    readonly release?: string | undefined;
    readonly normNumGroups?: number | undefined;
    readonly seed?: number | undefined;
    readonly shardSize?: number | undefined;
    readonly ema: boolean;
  };

const DTYPES = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const;

const EXAMPLES = `
Reads safetensors (sharded too) and PyTorch .ckpt, .pt and .bin; writes safetensors. Nothing in a PyTorch file is run.
Into a folder go diffusion_pytorch_model.safetensors and config.json. An output that exists is replaced.

Examples:
  od-vae convert checkpoint.ckpt od-vae/                        out of the training wrapper, EMA first
  od-vae convert od-vae/ od-vae-f16.safetensors --dtype f16     half the size
  od-vae convert od-vae/ renamed/ --to diffusers                other names
  od-vae convert sd-vae-ft-mse.safetensors started/ --init tail --variant 4`;

/** The command `od-vae convert`. */
export function convertCommand(streams: Streams): Command {
  const command = new Command('convert')
    .description('Turns weights of any format into safetensors, under the names of any family.')
    .argument('<in>', 'a file, folder, address or Hub id (owner/name)')
    .argument('<out>', 'a .safetensors file, or a folder')
    .addOption(
      new Option('--to <family>', 'names to write; default those of the source').choices([
        'open-sora-plan',
        'diffusers',
        'compvis',
      ]),
    )
    .addOption(new Option('--dtype <type>', 'float type to write; default as stored').choices(Object.keys(DTYPES)))
    .option('--shard-size <size>', 'split the weights into files of at most this, such as 5GB', byteSize)
    .option('--no-ema', 'take the raw weights of a training checkpoint, not their average')
    .addOption(new Option('--init <method>', 'make a video VAE from an SD-VAE').choices(['tail', 'average', 'random']))
    .addOption(new Option('--variant <number>', 'which video VAE; default 4').choices(['1', '2', '3', '4']))
    .addOption(
      new Option('--release <name>', 'which video VAE, by its release')
        .choices(['v1.0', 'v1.1', 'v1.2'])
        .conflicts('variant'),
    )
    .option('--norm-num-groups <count>', 'groups of every norm; default 32 or the source config', wholeNumber(1))
    .option('--seed <number>', 'seed of --init random', wholeNumber(0, 0xffff_ffff));
  return addOutputOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (input: string, output: string, flags: Flags) => {
      const request = requestOf(input, output, flags);
      const { convertCheckpoint } = await import('../convert/convert-checkpoint.ts');
      using bar = progressBar(streams, flags, ['write']);
      const report = await convertCheckpoint(request, { onProgress: bar.onProgress, signal: streams.signal });
      bar[Symbol.dispose]();
      printReport(streams, flags, report, rowsOf(report));
      printNote(streams, flags, report.note);
    });
}

function requestOf(input: string, output: string, flags: Flags): ConvertRequest {
  const { init, variant, release, normNumGroups, seed } = flags;
  if (init === undefined) {
    const stray = Object.entries({
      '--variant': variant,
      '--release': release,
      '--norm-num-groups': normNumGroups,
      '--seed': seed,
    });
    const given = stray.find(([, value]) => value !== undefined);
    if (given) throw new UsageError(`${given[0]} belongs to --init, which is not given.`);
  }
  return {
    input,
    output,
    to: flags.to,
    dtype: flags.dtype && DTYPES[flags.dtype],
    inflation: init && { method: init, variant, release, normNumGroups, seed: seed ?? 0 },
    shardBytes: flags.shardSize,
    useEma: flags.ema,
  };
}

function rowsOf(report: ConvertReport): Row[] {
  return [
    ['weights', report.output],
    ['config', report.config],
    ['model', report.architecture],
    ['names', report.family],
    ['taken', report.part === 'all' ? 'everything' : report.part],
    ['left out', report.ignored > 0 ? counted(report.ignored, 'entry', 'entries') : undefined],
    ['tensors', grouped(report.tensors)],
    ['parameters', grouped(report.parameters)],
    [
      'types',
      Object.entries(report.dtypes)
        .map(([dtype, count]) => `${count} ${dtype}`)
        .join(', '),
    ],
    ['size', bytesText(report.bytes)],
    ['seconds', report.seconds.toFixed(1)],
  ];
}
