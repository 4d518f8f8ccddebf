import { Command } from 'commander';
import type { CodeReport } from 'od-vae';

import { assertOtherFile } from '../assert-other-file.ts';
import {
  addClipOptions,
  addSampleOptions,
  addTilingOptions,
  type ClipFlags,
  type SampleFlags,
  type TilingFlags,
} from '../options/clip-options.ts';
import { addModelOptions, type ModelFlags } from '../options/model-options.ts';
import { codeRows } from '../output/code-rows.ts';
import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printNote, printReport } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';
import { UsageError } from '../usage-error.ts';

type Flags = OutputFlags & ModelFlags & ClipFlags & SampleFlags & TilingFlags;

const EXAMPLES = `
The file holds "latents", float32 [1, channels, time, height, width] as PyTorch has them, unscaled, and as metadata all
that decoding needs. An <out> that exists is replaced once the new one is whole.

Examples:
  od-vae encode in.mp4 latents.safetensors
  od-vae encode in.mp4 latents.safetensors --sample --seed 7 --frames 33`;

/** The command `od-vae encode`. */
export function encodeCommand(streams: Streams): Command {
  const command = new Command('encode')
    .description('Compresses a video into a .safetensors file of latents.')
    .argument('<in>', 'a video, GIF or image, or numbered images such as frames/%04d.png')
    .argument('<out>', 'the latents, a .safetensors file');
  for (const add of [addModelOptions, addClipOptions, addTilingOptions, addSampleOptions, addOutputOptions]) {
    add(command);
  }
  return command
    .addHelpText('after', EXAMPLES)
    .action((input: string, output: string, flags: Flags) => encode(streams, input, output, flags));
}

async function encode(streams: Streams, input: string, output: string, flags: Flags): Promise<void> {
  if (!/\.safetensors$/i.test(output)) {
    throw new UsageError(`encode writes a .safetensors file, but the output is "${output}".`);
  }
  await assertOtherFile(input, output);
  const { start, frames, fps, shortSide, crop, framePolicy, sample, seed } = flags;
  const { signal } = streams;
  const reading = { start, frames, fps, shortSide, crop, signal };
  const { assertFolder, writeError } = await import('../write-error.ts');
  await assertFolder(output);
  const { checkVideo } = await import('../check-video.ts');
  await checkVideo(input, reading);
  const { startModel, tilingFor } = await import('../start-model.ts');
  using bar = progressBar(streams, flags, ['encode']);
  const { onProgress } = bar;
  using vae = await startModel(flags, { onProgress, signal });
  const report: CodeReport = await vae
    .encodeFile(input, output, { ...reading, framePolicy, sample, seed, tiling: tilingFor(flags, vae), onProgress })
    .catch((error: unknown) => {
      throw writeError(output, error);
    });
  bar[Symbol.dispose]();
  printReport(streams, flags, report, codeRows(report));
  printNote(streams, flags, report.note);
}
