import { Command } from 'commander';
import type { KnownLatentsInfo, LatentsInfo } from 'od-vae';

import { assertOtherFile } from '../assert-other-file.ts';
import { addModelOptionsWithoutDefault, type ModelFlags } from '../options/model-options.ts';
import { decimalNumber, wholeNumber } from '../options/parse-value.ts';
import { addResumeOption, type ResumeFlags } from '../options/resume-option.ts';
import { addTilingOptions, type TilingFlags } from '../options/tiling-options.ts';
import { addWriterOptions, type WriterFlags } from '../options/writer-options.ts';
import { codeRows } from '../output/code-rows.ts';
import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printNote, printReport } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';
import { UsageError } from '../usage-error.ts';

type Flags = OutputFlags & Partial<ModelFlags> & TilingFlags & WriterFlags & ResumeFlags & KnownLatentsInfo;

const EXAMPLES = `
The model is the one that made the latents, as they say, unless --model names another. An <out> that exists is replaced
once the new one is whole.

Examples:
  od-vae decode latents.safetensors out.mp4
  od-vae decode latents.safetensors out.y4m --model od-vae/
  od-vae decode raw.safetensors out.mp4 --fps 25 --width 256 --height 256`;

/** The command `od-vae decode`. */
export function decodeCommand(streams: Streams): Command {
  const command = new Command('decode')
    .description('Rebuilds the video of a latents file.')
    .argument('<latents>', 'a .safetensors file or a folder that od-vae encode wrote')
    .argument('<out>', 'the video: mp4, webm, mkv, mov, gif, y4m (no loss), png or jpg')
    .option('--fps <rate>', 'frames per second, for latents without metadata', decimalNumber(0, 1000))
    .option('--width <pixels>', 'width of the video, for latents without metadata', wholeNumber(1, 16_384))
    .option('--height <pixels>', 'height of the video, for latents without metadata', wholeNumber(1, 16_384))
    .option('-n, --frames <count>', 'frames of the video, for latents without metadata', wholeNumber(1));
  for (const add of [
    addModelOptionsWithoutDefault,
    addTilingOptions,
    addWriterOptions,
    addResumeOption,
    addOutputOptions,
  ])
    add(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action((latents: string, output: string, flags: Flags) => decode(streams, latents, output, flags));
}

async function decode(streams: Streams, latents: string, output: string, flags: Flags): Promise<void> {
  await assertOtherFile(latents, output);
  const { openLatents } = await import('od-vae');
  // Bad latents are refused before a model is loaded for them, and good ones say for which.
  const { fps, width, height, frames } = flags;
  const known = { fps, width, height, frames };
  const { info } = await openLatents(latents, known).then((reader) => reader.close().then(() => reader));
  const { startModel } = await import('../start-model.ts');
  const { planOptions } = await import('../plan-options.ts');
  using bar = progressBar(streams, flags, ['decode']);
  const { onProgress } = bar;
  const { signal } = streams;
  using vae = await startModel({ ...flags, model: flags.model ?? modelOf(latents, info) }, { onProgress, signal });
  const { codec, quality, lossless, resume, force } = flags;
  const report = await vae.decodeFile(latents, output, {
    ...known,
    ...(await planOptions(streams, flags, vae)),
    codec,
    quality,
    lossless,
    resume,
    force,
    onProgress,
    signal,
  });
  bar[Symbol.dispose]();
  printReport(streams, flags, report, codeRows(report));
  printNote(streams, flags, report.note);
}

/** The model that latents say made them; nothing is fetched from an address because a file says so. */
function modelOf(latents: string, { model }: LatentsInfo): string {
  if (model === 'unknown') return 'small';
  if (!/^[a-z]{2,}:/i.test(model)) return model;
  throw new UsageError(`"${latents}" was made with the model ${model}; name it with --model to fetch it.`);
}
