import { Command } from 'commander';
import type { ReconstructReport } from 'od-vae';

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
import { addWriterOptions, type WriterFlags } from '../options/writer-options.ts';
import { fixed, grouped } from '../output/format-number.ts';
import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printNote, printReport, type Row } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';

type Flags = OutputFlags &
  ModelFlags &
  ClipFlags &
  SampleFlags &
  TilingFlags &
  WriterFlags & { readonly compare?: true | undefined };

const EXAMPLES = `
Without <out> nothing is written, only measured. The extension of <out> says what is written: mp4, webm, mkv, mov, gif,
y4m (no loss), png and jpg. An <out> that exists is replaced once the new one is whole.

Examples:
  od-vae reconstruct in.mp4 out.mp4
  od-vae reconstruct in.mp4 both.mp4 --compare --frames 97 --short-side 256
  od-vae reconstruct in.mp4 --model LanguageBind/Open-Sora-Plan-v1.2.0/vae --json`;

/** The command `od-vae reconstruct`. */
export function reconstructCommand(streams: Streams): Command {
  const command = new Command('reconstruct')
    .description('Compresses a video, rebuilds it, and measures what was lost.')
    .argument('<in>', 'a video, GIF or image, or numbered images such as frames/%04d.png')
    .argument('[out]', 'the rebuilt video')
    .option('--compare', 'write original | reconstruction side by side');
  for (const add of [
    addModelOptions,
    addClipOptions,
    addTilingOptions,
    addSampleOptions,
    addWriterOptions,
    addOutputOptions,
  ]) {
    add(command);
  }
  return command
    .addHelpText('after', EXAMPLES)
    .action((input: string, output: string | undefined, flags: Flags) => reconstruct(streams, input, output, flags));
}

async function reconstruct(streams: Streams, input: string, output: string | undefined, flags: Flags): Promise<void> {
  if (output !== undefined) await assertOtherFile(input, output);
  const { start, frames, fps, shortSide, crop, framePolicy, sample, seed, compare, codec, quality, lossless } = flags;
  const { signal } = streams;
  const reading = { start, frames, fps, shortSide, crop, signal };
  const { checkVideo } = await import('../check-video.ts');
  await checkVideo(input, reading);
  const { startModel, tilingFor } = await import('../start-model.ts');
  using bar = progressBar(streams, flags, ['encode', 'decode']);
  const { onProgress } = bar;
  using vae = await startModel(flags, { onProgress, signal });
  const report = await vae.reconstruct(input, output, {
    ...reading,
    framePolicy,
    sample,
    seed,
    compare,
    codec,
    quality,
    lossless,
    tiling: tilingFor(flags, vae),
    onProgress,
  });
  bar[Symbol.dispose]();
  printReport(streams, flags, { ...report, model: vae.label }, rowsOf(report));
  printNote(streams, flags, report.note);
}

function rowsOf(report: ReconstructReport): Row[] {
  const { pixelBits, latentBits } = report;
  return [
    ['frames', report.frames],
    ['size', `${report.width}x${report.height} at ${Number(report.fps.toFixed(3))} fps`],
    ['latent shape', `[${report.latentShape.join(', ')}]`],
    [
      'bits',
      `${grouped(pixelBits)} -> ${grouped(latentBits)} (1/${(pixelBits / latentBits).toFixed(1)}, 16-bit latents)`,
    ],
    ['PSNR', fixed(report.psnr, 2, 'dB')],
    ['SSIM', fixed(report.ssim, 4)],
    ['seconds', `${report.seconds.toFixed(1)} on ${report.backend}`],
    ['output', report.output],
  ];
}
