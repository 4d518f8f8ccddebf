import { open, readdir, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { isHiddenName } from '@od-vae/core/base';
import type { LongCallOptions } from '@od-vae/core';
import { checkpointKind, KIND_BYTES, openCheckpoint } from '@od-vae/weights';

import { type CheckpointReport, inspectCheckpoint } from './inspect-checkpoint.ts';
import { inspectLatents, type LatentsReport } from './inspect-latents.ts';
import { inspectVideo, type VideoReport } from './inspect-video.ts';

/** What a file is; `kind` tells which. */
export type InspectReport = CheckpointReport | LatentsReport | VideoReport;

const IMAGE_NAME = /\.(?:png|jpe?g|webp|bmp|tiff?|avif)$/i;

const WEIGHTS_NAME = /\.(?:safetensors|ckpt|pth?|bin|json)$/i;

/**
 * Tells what a checkpoint, latents file or video is, by its content; only headers are read.
 *
 * @throws CheckpointError or MediaError when it is damaged, or none of these
 */
export async function inspect(input: string, useEma: boolean, options: LongCallOptions): Promise<InspectReport> {
  const kind = await inputKind(input, options.signal);
  if (kind === 'video') return inspectVideo(input);
  if (kind === 'unknown') {
    const video = await inspectVideo(input).catch(() => undefined);
    if (video) return video;
  }
  const checkpoint = await openCheckpoint(input, { ...options, useEma });
  try {
    return checkpoint.tensors.has('latents') && checkpoint.family === 'unknown'
      ? inspectLatents(input, checkpoint)
      : inspectCheckpoint(input, checkpoint);
  } finally {
    await checkpoint.close();
  }
}

/**
 * Finds out from the first bytes whether a file or address is a checkpoint or latents, or else a video; `unknown` where it
 * has the name of weights but not their content. What does not exist may be a Hub id.
 */
async function inputKind(input: string, signal: AbortSignal | undefined): Promise<'checkpoint' | 'video' | 'unknown'> {
  if (/^https?:/i.test(input)) return addressKind(new URL(input), signal);
  if (/^[a-z]{2,}:/i.test(input) && !/^file:/i.test(input)) return WEIGHTS_NAME.test(input) ? 'checkpoint' : 'video';
  const path = /^file:/i.test(input) ? fileURLToPath(input) : input;
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return (await hasOnlyImages(path)) ? 'video' : 'checkpoint';
  if (!found) return WEIGHTS_NAME.test(input) || extname(input) === '' ? 'checkpoint' : 'video';
  return contentKind(await firstBytes(path), input);
}

function contentKind(head: Uint8Array, name: string): 'checkpoint' | 'video' | 'unknown' {
  if (checkpointKind(head) !== 'other') return 'checkpoint';
  return WEIGHTS_NAME.test(name) ? 'unknown' : 'video';
}

async function addressKind(url: URL, signal: AbortSignal | undefined): Promise<'checkpoint' | 'video' | 'unknown'> {
  if (url.pathname.endsWith('/')) return 'checkpoint';
  const headers = { Range: `bytes=0-${KIND_BYTES - 1}` };
  const response = await fetch(url, { headers, signal: signal ?? null }).catch(() => undefined);
  signal?.throwIfAborted();
  if (!response?.ok || !response.body) return WEIGHTS_NAME.test(url.pathname) ? 'checkpoint' : 'video';
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= KIND_BYTES) break;
  }
  return contentKind(Buffer.concat(pieces).subarray(0, KIND_BYTES), url.pathname);
}

/** Whether a folder holds images, and no weights. */
async function hasOnlyImages(folder: string): Promise<boolean> {
  const names = (await readdir(folder)).filter((name) => !isHiddenName(name));
  return names.some((name) => IMAGE_NAME.test(name)) && !names.some((name) => WEIGHTS_NAME.test(name));
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
