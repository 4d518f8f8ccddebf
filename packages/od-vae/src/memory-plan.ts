import { ConfigError } from '@od-vae/core';
import { type OdVaeConfig, strides } from '@od-vae/models';
import { paperTiling, type Tiling } from '@od-vae/tiling';

import { estimateMemory, type MemoryEstimate, type VideoSize } from './memory-estimate.ts';

/** How a video is cut, and what that needs. */
export interface TilingPlan {
  readonly tiling: Tiling;
  readonly memory: MemoryEstimate;
  /** Bytes that it had to fit into; undefined where nobody knows how much there is. */
  readonly limit: number | undefined;
}

/** What a plan is made from. */
export interface PlanRequest extends VideoSize {
  readonly config: OdVaeConfig;
  readonly backend: string;
  /** How the video is to be cut; chosen by what fits if undefined. */
  readonly tiling?: Tiling | undefined;
  /** Bytes that the process may use; those of the machine by default. */
  readonly memory?: number | undefined;
  /** Bytes of the largest tensor that the backend can hold; undefined where only memory bounds it. */
  readonly tensorBytes?: number | undefined;
}

const GROUPS = [33, 17, 9, 5] as const;
const SQUARES = [768, 512, 384, 256, 192, 128, 64] as const;

/** Part of a square that it shares with the next; whole latents for every square above. */
const OVERLAP = 0.125;

/** Backends that compute in the memory of the process. */
const ON_CPU: ReadonlySet<string> = new Set(['simd', 'wasm', 'cpu']);

/** Part of the machine's memory that a job is planned for when nobody says how much it may use. */
const USUAL_PART = 0.75;

/**
 * Chooses how a video is cut so that it fits into memory, or checks a cut that was asked for.
 *
 * Of all cuts that fit, the one is taken that wastes least: frames computed twice, or without the latent that follows them,
 * and pixels computed twice or near a seam. The paper's groups of 33 whole frames come first.
 *
 * @throws ConfigError which says what would help, when nothing fits
 */
export function planTiling(request: PlanRequest): TilingPlan {
  const { config, backend, tiling } = request;
  const { tensorBytes = Infinity } = request;
  const limit = request.memory ?? machineMemory(backend);
  const plan = (candidate: Tiling) => ({
    tiling: candidate,
    memory: estimateMemory(config, backend, candidate, request),
    limit,
  });
  if (tiling) {
    const asked = plan(tiling);
    if (asked.memory.largestTensor > tensorBytes) throw tooLargeForBuffers(request, asked);
    if (limit !== undefined && asked.memory.total > limit) throw tooLarge(request, asked);
    return asked;
  }
  const usual = request.memory ?? (limit === undefined ? undefined : USUAL_PART * limit);
  const all = candidates(strides(config).time, strides(config).space).map(plan);
  const plans = all.filter(({ memory }) => memory.largestTensor <= tensorBytes);
  if (plans.length === 0) {
    const least = all.reduce((a, b) => (b.memory.largestTensor < a.memory.largestTensor ? b : a));
    throw tooLargeForBuffers(request, least);
  }
  const fitting = usual === undefined ? plans[0] : plans.find(({ memory }) => memory.total <= usual);
  if (fitting) return fitting;
  throw tooLarge(
    request,
    plans.reduce((least, other) => (other.memory.total < least.memory.total ? other : least)),
  );
}

/** All cuts that are considered, the least wasteful first. */
function candidates(stride: number, space: number): Tiling[] {
  const waste = ({ frames, spatial }: Tiling) => {
    const inTime = (frames + 3) / (frames - 1);
    if (!spatial) return inTime;
    const { sampleSize, overlap } = spatial;
    return inTime * ((sampleSize + 16) / (sampleSize * (1 - overlap))) ** 2;
  };
  const groups = GROUPS.filter((frames) => (frames - 1) % stride === 0);
  const squares = SQUARES.map((sampleSize) => ({ sampleSize, latentSize: sampleSize / space, overlap: OVERLAP }));
  const all = groups.flatMap((frames) =>
    [undefined, ...squares].map((spatial) => ({
      frames,
      latents: (frames - 1) / stride + 1,
      ...(spatial && { spatial }),
    })),
  );
  const usable = all.filter(({ spatial }) => !spatial || (spatial.latentSize * OVERLAP) % 1 === 0);
  return (usable.length > 0 ? usable : [paperTiling]).toSorted((a, b) => waste(a) - waste(b));
}

function tooLarge(request: PlanRequest, { memory: needed, limit }: TilingPlan): ConfigError {
  const has =
    request.memory === undefined ? `this machine has ${megabytes(limit!)}` : `it may use ${megabytes(limit!)}`;
  const more = request.tiling ? 'leave the tiling to the memory option' : 'allow more (memory)';
  return new ConfigError(
    `${whatOf(request)} needs about ${megabytes(needed.total)}, but ${has}; ${helpOf(request, more)}.`,
  );
}

function tooLargeForBuffers(request: PlanRequest, { memory: { largestTensor } }: TilingPlan): ConfigError {
  const needs = `needs ${megabytes(largestTensor)} in one tensor`;
  const has = `this GPU holds at most ${megabytes(request.tensorBytes!)}`;
  const more = request.tiling ? 'leave the tiling to the library' : 'take another backend';
  return new ConfigError(`${whatOf(request)} ${needs}, but ${has}; ${helpOf(request, more)}.`);
}

function whatOf({ width, height, tiling }: PlanRequest): string {
  return `A video of ${width}x${height} ${tiling ? `in tiles of ${tilingText(tiling)}` : 'in the smallest tiles'}`;
}

/** What would help; `more` is what helps besides smaller pieces. */
function helpOf({ tiling }: PlanRequest, more: string): string {
  return tiling
    ? `use fewer frames a tile (tileFrames), smaller squares (tileSize), or ${more}`
    : `${more}, or make the picture smaller (shortSide)`;
}

/** A tiling in words, such as `33 frames of 256x256 px, 0.125 shared`. */
export function tilingText({ frames, latents, spatial }: Tiling): string {
  const groups = `${frames} frames (${latents} latent)`;
  if (!spatial) return `${groups}, whole`;
  const { sampleSize, overlap, official } = spatial;
  return `${groups} of ${sampleSize}x${sampleSize} px that share ${overlap}${official ? ', as the released code cuts' : ''}`;
}

/** Bytes in words, such as `1,234 MB`. */
function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en-US')} MB`;
}

/** Bytes of the machine, or of the container that it is; unknown in browsers, and no matter to a GPU. */
function machineMemory(backend: string): number | undefined {
  if (!ON_CPU.has(backend) || typeof process === 'undefined' || !process.versions?.node) return undefined;
  const total = process.getBuiltinModule('node:os').totalmem();
  const allowed = process.constrainedMemory?.() ?? 0;
  return allowed > 0 ? Math.min(total, allowed) : total;
}
