import { Command } from 'commander';
import type { CodeReport } from 'od-vae';

import { assertOtherFile } from '../assert-other-file.ts';
import { addClipOptions, addSampleOptions, type ClipFlags, type SampleFlags } from '../options/clip-options.ts';
import { addModelOptions, type ModelFlags } from '../options/model-options.ts';
import { addResumeOption, type ResumeFlags } from '../options/resume-option.ts';
import { addTilingOptions, type TilingFlags } from '../options/tiling-options.ts';
import { codeRows } from '../output/code-rows.ts';
import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printNote, printReport } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';
import { videoSource } from '../video-source.ts';
import { UsageError } from '../usage-error.ts';

type Flags = OutputFlags &
  ModelFlags &
  ClipFlags &
  SampleFlags &
  TilingFlags &
  ResumeFlags & { readonly posterior?: true | undefined };

const EXAMPLES = `
The file holds "latents", float32 [1, channels, time, height, width] as PyTorch has them, unscaled, and as metadata all
that decoding needs. A folder contains a file for each group of frames, and latents.json. An <out> that exists stays
readable and is replaced when the new one is complete.

Examples:
  od-vae encode in.mp4 latents.safetensors
  od-vae encode in.mp4 latents.safetensors --sample --seed 7 --frames 33
  od-vae encode film.mp4 latents/ --memory 4GB --resume`;

/** The command `od-vae encode`. */
export function encodeCommand(streams: Streams): Command {
  const command = new Command('encode')
    .description('Compresses a video into latents.')
    .argument('<in>', 'a video, GIF or image, numbered images such as frames/%04d.png, or - for stdin')
    .argument('<out>', 'the latents: a .safetensors file, or a folder (with a slash behind it)')
    .option('--posterior', 'write mean and logvar of the posterior beside the latents');
  for (const add of [
    addModelOptions,
    addClipOptions,
    addTilingOptions,
    addSampleOptions,
    addResumeOption,
    addOutputOptions,
  ]) {
    add(command);
  }
  return command
    .addHelpText('after', EXAMPLES)
    .action((input: string, output: string, flags: Flags) => encode(streams, input, output, flags));
}

async function encode(streams: Streams, input: string, output: string, flags: Flags): Promise<void> {
  if (!/\.safetensors$|[/\\]$/i.test(output)) {
    throw new UsageError(
      `encode writes a .safetensors file, or into a folder (with a slash behind it), but the output is "${output}".`,
    );
  }
  await assertOtherFile(input, output);
  const { start, frames, fps, shortSide, crop, framePolicy, sample, seed, resume, force, posterior } = flags;
  const { signal } = streams;
  const reading = { start, frames, fps, shortSide, crop, signal };
  const { assertFolder, writeError } = await import('../write-error.ts');
  await assertFolder(output);
  const { checkVideo } = await import('../check-video.ts');
  await checkVideo(input, reading);
  const { startModel } = await import('../start-model.ts');
  const { planOptions } = await import('../plan-options.ts');
  using bar = progressBar(streams, flags, ['encode']);
  const { onProgress } = bar;
  using vae = await startModel(flags, { onProgress, signal });
  const report: CodeReport = await vae
    .encodeFile(videoSource(input), output, {
      ...reading,
      ...(await planOptions(streams, flags, vae)),
      framePolicy,
      sample,
      seed,
      keepPosterior: posterior,
      resume,
      force,
      onProgress,
    })
    .catch((error: unknown) => {
      throw writeError(output, error);
    });
  bar[Symbol.dispose]();
  printReport(streams, flags, report, codeRows(report));
  printNote(streams, flags, report.note);
}
