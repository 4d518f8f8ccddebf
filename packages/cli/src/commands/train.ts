import { Command, Option } from 'commander';

import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printNote, printReport } from '../output/print-report.ts';
import type { Streams } from '../streams.ts';
import { UsageError } from '../usage-error.ts';
import { type TrainPreset, trainPresets } from '../train/train-presets.ts';

interface Flags extends OutputFlags {
  readonly preset?: TrainPreset | undefined;
  readonly set: readonly string[];
  readonly resume?: true | undefined;
  readonly force?: true | undefined;
  readonly dryRun?: true | undefined;
  readonly backend?: string | undefined;
}

const EXAMPLES = `
The configuration is JSON, or TypeScript or JavaScript with a default export; its fields are listed in the README of
@od-vae/cli. A preset lies under it, --set over it. The output folder gets checkpoints, log.jsonl, events for TensorBoard,
and at the end model/, which every other command reads. Ctrl-C ends the run after the step in progress, with a checkpoint.

Examples:
  od-vae train run.ts
  od-vae train --preset small --set data.folder=clips --set output=runs/small
  od-vae train run.json --set steps=100 --dry-run
  od-vae train run.json --resume`;

/** The command `od-vae train`. */
export function trainCommand(streams: Streams): Command {
  const command = new Command('train')
    .description("Trains a model on a folder of videos by the paper's recipe.")
    .argument('[config]', 'a configuration, .json, .ts or .js')
    .addOption(new Option('-p, --preset <name>', 'what lies under it').choices(Object.keys(trainPresets)))
    .option('-s, --set <key=value>', 'sets a field, such as data.frames=9; may come several times', collect, [])
    .option('-r, --resume', 'go on from the newest checkpoint in the output folder')
    .option('--force', 'with --resume: also where the seed, the videos or other settings differ from those of the run')
    .option('--dry-run', 'print the plan: steps, memory, the time of a step; nothing is written')
    .option(
      '-b, --backend <name>',
      'TensorFlow.js backend: simd, cpu, or another that is registered; default the best',
    );
  return addOutputOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((config: string | undefined, flags: Flags) => train(streams, config, flags));
}

async function train(streams: Streams, file: string | undefined, flags: Flags): Promise<void> {
  const { loadTrainConfig } = await import('../train/load-train-config.ts');
  const config = await loadTrainConfig({ file, preset: flags.preset, set: flags.set });
  const { listCheckpoints } = await import('@od-vae/training');
  const newest = (await listCheckpoints(config.output)).at(-1);
  if (newest && !flags.resume && !flags.dryRun) {
    throw new UsageError(`"${config.output}" holds a run already (${newest.path}); --resume goes on from there.`);
  }
  const { startBackend } = await import('../start-model.ts');
  await startBackend(flags.backend);
  const { prepareTraining } = await import('../train/prepare-training.ts');
  using prepared = await prepareTraining(config, { signal: streams.signal });
  if (flags.dryRun) {
    const { planRows, planTraining } = await import('../train/plan-training.ts');
    const plan = await planTraining(config, prepared);
    printReport(streams, flags, plan, planRows(plan));
    return;
  }
  const { finishTraining } = await import('../train/finish-training.ts');
  const report = await finishTraining(config, prepared, {
    streams,
    flags,
    resumeFrom: newest?.path,
    force: flags.force ?? false,
  });
  printReport(streams, flags, report, [
    ['steps', report.steps],
    ['checkpoint', report.checkpoint],
    ['model', report.model],
    ['skipped videos', report.skipped.length],
  ]);
  printNote(streams, flags, report.note);
  printNote(streams, flags, report.skipped[0]?.reason);
}

function collect(value: string, all: readonly string[]): string[] {
  return [...all, value];
}
