import { Command } from 'commander';

import { assertOtherFile } from '../assert-other-file.ts';
import { addTilingOptions, type TilingFlags } from '../options/clip-options.ts';
import { addModelOptions, type ModelFlags } from '../options/model-options.ts';
import { addWriterOptions, type WriterFlags } from '../options/writer-options.ts';
import { codeRows } from '../output/code-rows.ts';
import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printNote, printReport } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';

type Flags = OutputFlags & ModelFlags & TilingFlags & WriterFlags;

const EXAMPLES = `
The model must be the one that made the latents; the file says which. An <out> that exists is replaced once the new one
is whole.

Examples:
  od-vae decode latents.safetensors out.mp4
  od-vae decode latents.safetensors out.y4m --model od-vae/`;

/** The command `od-vae decode`. */
export function decodeCommand(streams: Streams): Command {
  const command = new Command('decode')
    .description('Rebuilds the video of a latents file.')
    .argument('<latents>', 'a .safetensors file that od-vae encode wrote')
    .argument('<out>', 'the video: mp4, webm, mkv, mov, gif, y4m (no loss), png or jpg');
  for (const add of [addModelOptions, addTilingOptions, addWriterOptions, addOutputOptions]) add(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action((latents: string, output: string, flags: Flags) => decode(streams, latents, output, flags));
}

async function decode(streams: Streams, latents: string, output: string, flags: Flags): Promise<void> {
  await assertOtherFile(latents, output);
  // Latents are small, so they are read once more to refuse bad ones before a model is loaded for them.
  const { readLatentsFile } = await import('od-vae');
  await readLatentsFile(latents);
  const { startModel, tilingFor } = await import('../start-model.ts');
  using bar = progressBar(streams, flags, ['decode']);
  const { onProgress } = bar;
  const { signal } = streams;
  using vae = await startModel(flags, { onProgress, signal });
  const { codec, quality, lossless } = flags;
  const tiling = tilingFor(flags, vae);
  const report = await vae.decodeFile(latents, output, { codec, quality, lossless, tiling, onProgress, signal });
  bar[Symbol.dispose]();
  printReport(streams, flags, report, codeRows(report));
  const made = report.model;
  printNote(
    streams,
    flags,
    made === vae.label ? report.note : `"${made}" made the latents, "${vae.label}" rebuilt them.`,
  );
}
