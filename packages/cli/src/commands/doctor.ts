import type { EngineReport } from '@od-vae/video';
import { Command } from 'commander';

import type { BackendReport } from '../doctor/examine-backends.ts';
import type { MachineReport } from '../doctor/examine-machine.ts';
import { bytesText } from '../output/format-number.ts';
import { addOutputOptions, type OutputFlags } from '../output/output-options.ts';
import { printReport, type Row } from '../output/print-report.ts';
import { progressBar } from '../output/progress-bar.ts';
import type { Streams } from '../streams.ts';

const EXAMPLES = `
Every backend that starts is timed on a tiny model (encode and decode of 5 frames of 32x32).
@mediabunny/server and ffmpeg each decode and encode a frame of 16x16.

Examples:
  od-vae doctor
  od-vae doctor --json`;

/** The command `od-vae doctor`. */
export function doctorCommand(streams: Streams): Command {
  const command = new Command('doctor').description(
    'Tells which backends, codecs and threads this machine has, and what to install for more.',
  );
  return addOutputOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: OutputFlags) => {
      const { examineMachine } = await import('../doctor/examine-machine.ts');
      using bar = progressBar(streams, flags, []);
      const report = await examineMachine({ onProgress: bar.onProgress, signal: streams.signal });
      bar[Symbol.dispose]();
      printReport(streams, flags, report, rowsOf(report));
    });
}

function rowsOf(report: MachineReport): Row[] {
  const { codecs } = report;
  return [
    ['od-vae', report.version],
    ['node', `${report.node}${report.nodeSupported ? '' : ' (too old)'}`],
    ['system', report.system],
    ['processor', `${report.cpu}, ${report.threads} threads`],
    ['memory', bytesText(report.memoryBytes)],
    ...report.backends.map((backend): Row => [`backend ${backend.name}`, backendText(backend)]),
    ...report.engines.map((engine): Row => [`video with ${ENGINES[engine.engine]}`, engineText(engine)]),
    ['ffmpeg', codecs.ffmpeg ?? 'not on PATH'],
    ['images', codecs.sharp === undefined ? 'no sharp' : `sharp ${codecs.sharp}`],
    ['reads', list(codecs.decode)],
    ['writes', list(codecs.encode)],
    ...report.advice.map((line): Row => ['to install', line]),
  ];
}

const ENGINES = { mediabunny: '@mediabunny/server', ffmpeg: 'ffmpeg' } as const;

function engineText({ decodes, encodes, reason }: EngineReport): string {
  const works = [decodes && 'decodes', encodes && 'encodes'].filter(Boolean).join(' and ') || 'does not work';
  return reason === undefined ? `${works} a frame` : `${works}: ${reason}`;
}

function backendText({ starts, seconds, reason, missing }: BackendReport): string {
  if (seconds !== undefined) return `${seconds.toFixed(3)} s for the tiny model`;
  return starts ? `starts, but: ${reason}` : [reason, ...missing].join('; ');
}

function list(codecs: readonly string[]): string {
  return codecs.length > 0 ? codecs.join(', ') : 'none but y4m and gif';
}
