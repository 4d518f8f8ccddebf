import { writeAtomically } from '@od-vae/core/files';
import { Command } from 'commander';
import type { ReconstructReport, SeamReport } from 'od-vae';

import { assertOtherFile } from '../assert-other-file.ts';
import { addClipOptions, addSampleOptions, type ClipFlags, type SampleFlags } from '../options/clip-options.ts';
import { addModelOptions, type ModelFlags } from '../options/model-options.ts';
import { addResumeOption, type ResumeFlags } from '../options/resume-option.ts';
import { addTilingOptions, type TilingFlags } from '../options/tiling-options.ts';
import { addWriterOptions, type WriterFlags } from '../options/writer-options.ts';
import { fixed, grouped } from '../output/format-number.ts';
import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printNote, printReport, type Row } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';
import { videoSource } from '../video-source.ts';
import { UsageError } from '../usage-error.ts';

type Flags = OutputFlags &
  ModelFlags &
  ClipFlags &
  SampleFlags &
  TilingFlags &
  WriterFlags &
  ResumeFlags & { readonly compare?: true | undefined; readonly plot?: string | undefined };

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
    .argument('<in>', 'a video, GIF or image, numbered images such as frames/%04d.png, or - for stdin')
    .argument('[out]', 'the rebuilt video')
    .option('--compare', 'write original | reconstruction side by side')
    .option('--plot <file>', 'draw the PSNR of every frame, with the seams, as an .svg');
  for (const add of [
    addModelOptions,
    addClipOptions,
    addTilingOptions,
    addSampleOptions,
    addWriterOptions,
    addResumeOption,
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
  const {
    start,
    frames,
    fps,
    shortSide,
    crop,
    framePolicy,
    sample,
    seed,
    compare,
    plot,
    codec,
    quality,
    lossless,
    resume,
    force,
  } = flags;
  assertPlot(plot);
  const { signal } = streams;
  const reading = { start, frames, fps, shortSide, crop, signal };
  const { checkVideo } = await import('../check-video.ts');
  await checkVideo(input, reading);
  const { startModel } = await import('../start-model.ts');
  const { planOptions } = await import('../plan-options.ts');
  using bar = progressBar(streams, flags, ['encode', 'decode']);
  const { onProgress } = bar;
  using vae = await startModel(flags, { onProgress, signal });
  const report = await vae.reconstruct(videoSource(input), output, {
    ...reading,
    framePolicy,
    sample,
    seed,
    compare,
    codec,
    quality,
    lossless,
    resume,
    force,
    ...(await planOptions(streams, flags, vae)),
    onProgress,
  });
  bar[Symbol.dispose]();
  if (plot !== undefined) {
    const { plotQuality } = await import('../output/plot-quality.ts');
    await writeAtomically(plot, plotQuality(report));
  }
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
    ['seed', report.seed],
    ['PSNR at seams', seamText(report.seams)],
    ['SSIM', fixed(report.ssim, 4)],
    ['seconds', `${report.seconds.toFixed(1)} on ${report.backend}`],
    ['output', report.output],
  ];
}

function assertPlot(plot: string | undefined): void {
  if (plot !== undefined && !/\.svg$/i.test(plot)) {
    throw new UsageError(`--plot writes an .svg file, but the name is "${plot}".`);
  }
}

/** PSNR near the borders of groups and tiles, and away from them; undefined where there are none. */
function seamText(seams: SeamReport): string | undefined {
  const pair = (near: number | undefined, away: number | undefined, of: string) =>
    near === undefined || away === undefined ? [] : [`${of} ${near.toFixed(2)} dB (elsewhere ${away.toFixed(2)})`];
  const texts = [
    ...pair(seams.psnrNearGroups, seams.psnrAwayFromGroups, 'groups'),
    ...pair(seams.psnrNearTiles, seams.psnrAwayFromTiles, 'tiles'),
  ];
  return texts.length > 0 ? texts.join(', ') : undefined;
}
