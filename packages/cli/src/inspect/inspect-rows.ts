import { listNames } from '@od-vae/core';

import { bytesText, counted, grouped } from '../output/format-number.ts';
import type { Row } from '../output/print-report.ts';
import type { CheckpointReport, ModelReport } from './inspect-checkpoint.ts';
import type { LatentsReport } from './inspect-latents.ts';
import type { InspectReport } from './inspect.ts';
import type { VideoReport } from './inspect-video.ts';

/** The table of what a file is. */
export function inspectRows(report: InspectReport): Row[] {
  switch (report.kind) {
    case 'checkpoint':
      return [['file', report.input], ...checkpointRows(report), ...modelRows(report)];
    case 'latents':
      return [['file', report.input], ...latentsRows(report)];
    case 'video':
      return [['file', report.input], ...videoRows(report)];
  }
}

function checkpointRows(report: CheckpointReport): Row[] {
  const dtypes = Object.entries(report.dtypes).map(
    ([dtype, { tensors, parameters }]) => `${dtype}: ${grouped(parameters)} in ${counted(tensors, 'tensor')}`,
  );
  return [
    ['kind', `checkpoint (${report.format})`],
    ['names', report.family],
    ['taken', report.part === 'all' ? 'everything' : report.part],
    [
      'left out',
      report.ignored.length > 0
        ? `${counted(report.ignored.length, 'entry', 'entries')}: ${listNames(report.ignored)}`
        : undefined,
    ],
    ['parameters', grouped(report.parameters)],
    ['types', dtypes.join('; ')],
    ['size', bytesText(report.bytes)],
    ['metadata', pairs(report.metadata)],
  ];
}

function modelRows({ model, config, imageVae }: CheckpointReport): Row[] {
  if (imageVae) return [['model', 'an SD-VAE for images; od-vae convert --init makes a video VAE of it']];
  if (!model) return [['model', 'none that is known; without config.json only published architectures are told']];
  return [
    ['config', config === 'shapes' ? `told from the shapes; ${model.normGroups} norm groups assumed` : config],
    ['model', `${model.architecture}, width ${model.hiddenSize}, ${grouped(model.parameters)} parameters`],
    ['loads', verdict(model)],
  ];
}

function verdict({ fits, needsConfig, missing, spare, misshapen }: ModelReport): string {
  if (needsConfig) return 'not alone: a config.json must lie beside it, which od-vae convert <file> <folder>/ writes';
  if (fits) return 'yes: every weight is there, and nothing is left over';
  const wrong = misshapen.map(({ name, shape, needed }) => `"${name}" is [${shape}], needed is [${needed}]`);
  const reasons = [
    missing.length > 0 ? `${missing.length} missing: ${listNames(missing)}` : '',
    spare.length > 0 ? `${spare.length} spare: ${listNames(spare)}` : '',
    wrong.length > 0 ? `${wrong.length} of another shape: ${wrong.slice(0, 3).join(', ')}` : '',
  ];
  return `no: ${reasons.filter((reason) => reason !== '').join('; ')}`;
}

function latentsRows({ shape, dtype, bytes, tensors, metadata }: LatentsReport): Row[] {
  const others = Object.entries(tensors).filter(([name]) => name !== 'latents');
  return [
    ['kind', 'latents'],
    ['shape', `[${shape.join(', ')}] (batch, channels, time, height, width)`],
    ['type', dtype],
    ['size', bytesText(bytes)],
    ['beside', others.length > 0 ? others.map(([name, size]) => `${name} [${size}]`).join(', ') : undefined],
    ['metadata', pairs(metadata)],
  ];
}

function videoRows(info: VideoReport): Row[] {
  return [
    ['kind', `video (${info.container}, ${info.codec})`],
    ['frames', info.frameCount === undefined ? 'not counted' : grouped(info.frameCount)],
    ['size', `${info.width}x${info.height}`],
    ['fps', Number(info.fps.toFixed(3))],
    ['duration', info.duration === undefined ? undefined : `${info.duration.toFixed(2)} s`],
    ['rotation', info.rotation === 0 ? undefined : `${info.rotation} degrees`],
    ...(info.notes ?? []).map((note): Row => ['note', note]),
    ['colour', `${info.colour.matrix}, ${info.colour.range} range`],
  ];
}

function pairs(metadata: Readonly<Record<string, string>>): string | undefined {
  const entries = Object.entries(metadata).map(([key, value]) => `${key}=${value.slice(0, 80)}`);
  return entries.length > 0 ? entries.join(', ') : undefined;
}
