import { Command } from 'commander';

import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printReport } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';

type Flags = OutputFlags & { readonly ema: boolean };

const EXAMPLES = `
Nothing is loaded: a checkpoint's names and shapes are compared with the model that its config.json (or, without one,
their shapes) describes. Nothing in a PyTorch file is run.

Examples:
  od-vae inspect checkpoint.ckpt
  od-vae inspect latents.safetensors --json
  od-vae inspect video.mp4`;

/** The command `od-vae inspect`. */
export function inspectCommand(streams: Streams): Command {
  const command = new Command('inspect')
    .description('Tells what a checkpoint, latents file or video is, and whether the weights fit a model.')
    .argument('<file>', 'a checkpoint (file, folder, address, Hub id), latents file, video or image')
    .option('--no-ema', 'look at the raw weights of a training checkpoint, not at their average');
  return addOutputOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (input: string, flags: Flags) => {
      const { inspect } = await import('../inspect/inspect.ts');
      const { inspectRows } = await import('../inspect/inspect-rows.ts');
      using bar = progressBar(streams, flags, []);
      const report = await inspect(input, flags.ema, { onProgress: bar.onProgress, signal: streams.signal });
      bar[Symbol.dispose]();
      printReport(streams, flags, report, inspectRows(report));
    });
}
