import { open, stat } from 'node:fs/promises';
import { extname } from 'node:path';

import type { LongCallOptions } from '@od-vae/core';
import { checkpointKind, KIND_BYTES, openCheckpoint } from '@od-vae/weights';

import { type CheckpointReport, inspectCheckpoint } from './inspect-checkpoint.ts';
import { inspectLatents, type LatentsReport } from './inspect-latents.ts';
import { inspectVideo, type VideoReport } from './inspect-video.ts';

/** What a file is; `kind` tells which. */
export type InspectReport = CheckpointReport | LatentsReport | VideoReport;

const WEIGHTS_NAME = /\.(?:safetensors|ckpt|pth?|bin|json)$/i;

/**
 * Tells what a checkpoint, latents file or video is, by its content; only headers are read.
 *
 * @throws CheckpointError or MediaError when it is damaged, or none of these
 */
export async function inspect(input: string, useEma: boolean, options: LongCallOptions): Promise<InspectReport> {
  if (!(await isCheckpoint(input))) return inspectVideo(input);
  const checkpoint = await openCheckpoint(input, { ...options, useEma });
  try {
    return checkpoint.tensors.has('latents') && checkpoint.family === 'unknown'
      ? inspectLatents(input, checkpoint)
      : inspectCheckpoint(input, checkpoint);
  } finally {
    await checkpoint.close();
  }
}

/** A local file is judged by its first bytes, an address by its extension; what is neither may be a Hub id. */
async function isCheckpoint(input: string): Promise<boolean> {
  if (/^[a-z]{2,}:/i.test(input)) return WEIGHTS_NAME.test(new URL(input).pathname);
  const found = await stat(input).catch(() => undefined);
  if (found?.isDirectory()) return true;
  if (!found) return WEIGHTS_NAME.test(input) || extname(input) === '';
  return WEIGHTS_NAME.test(input) || checkpointKind(await firstBytes(input)) !== 'other';
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(KIND_BYTES), position: 0 });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
