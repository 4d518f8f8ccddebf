import { BackendError, ConfigError } from '@od-vae/core';

import { type Block, gemm } from './code/gemm.ts';
import { compileKernels, kernelBytes } from './compile.ts';
import { allowRelaxedSimd, allowRevectorizing, optimizedAtOnce } from './engine-flags.ts';
import { moduleBytes } from './wasm/module-bytes.ts';
import type { Level } from './wasm/vectors.ts';
import { Workspace } from './workspace.ts';

/** Compiled kernels and what they were written for. */
export interface Kernels {
  readonly level: Level;
  readonly block: Block;
  readonly module: WebAssembly.Module;
}

/** Blocks that were quickest on some engine: 16 registers hold their sums, a line of weights and one element. */
const BLOCKS: Readonly<Record<Level, readonly Block[]>> = {
  plain: [
    { rows: 4, columns: 8, grouped: false },
    { rows: 3, columns: 12, grouped: false },
  ],
  relaxed: [
    { rows: 4, columns: 8, grouped: false },
    { rows: 6, columns: 8, grouped: false },
  ],
  wide: [
    { rows: 4, columns: 16, grouped: true },
    { rows: 5, columns: 16, grouped: true },
    { rows: 6, columns: 16, grouped: true },
  ],
};

const LEVELS = ['wide', 'relaxed', 'plain'] as const;
/** How much quicker a wide block must be than a narrow one to be a wide one: engines may ignore the wish. */
const WIDER = 1.3;

const chosen = new Map<string, Kernels>();

/**
 * The quickest kernels that this engine takes, found by validating and measuring, once: versions are not asked.
 *
 * @param wanted a level by name, as from `OD_VAE_SIMD`; undefined leaves the choice to the measurement
 * @throws ConfigError when `wanted` names no level, BackendError when the engine does not have it.
 */
export function chooseKernels(wanted?: string): Kernels {
  assertLevel(wanted);
  const known = chosen.get(wanted ?? '');
  if (known) return known;
  const kernels = compiled(quickest(wanted));
  chosen.set(wanted ?? '', kernels);
  return kernels;
}

/**
 * Checks that the engine can run kernels, without setting flags of V8 unless a level is requested by name.
 *
 * @throws ConfigError when `wanted` is not a level, BackendError when the engine does not support it.
 */
export function assertSimd(wanted?: string): void {
  assertLevel(wanted);
  if (wanted !== undefined) chooseKernels(wanted);
  else if (!accepts('plain')) throw missingSimd(wanted);
}

function assertLevel(wanted: string | undefined): asserts wanted is Level | undefined {
  if (wanted !== undefined && !LEVELS.some((level) => level === wanted)) {
    throw new ConfigError(`simd: OD_VAE_SIMD must be ${LEVELS.join(', ')}, but is "${wanted}".`);
  }
}

function missingSimd(wanted: Level | undefined): BackendError {
  return new BackendError(`simd: this engine does not have ${wanted ?? 'any'} WebAssembly SIMD.`);
}

interface Choice {
  readonly level: Level;
  readonly block: Block;
  /** Products a nanosecond of one thread. */
  readonly speed: number;
}

function compiled({ level, block }: Choice): Kernels {
  return { level, block, module: compileKernels(level, block) };
}

function quickest(wanted: Level | undefined): Choice {
  const best = (level: Level): Choice | undefined =>
    accepts(level)
      ? BLOCKS[level].map((block) => ({ level, block, speed: speedOf(level, block) })).toSorted(bySpeed)[0]
      : undefined;
  const found = wanted ? best(wanted) : (best('relaxed') ?? best('plain'));
  if (!found) throw missingSimd(wanted);
  if (wanted || found.level === 'plain' || !allowRevectorizing()) return found;
  const wide = best('wide');
  return wide && wide.speed > WIDER * found.speed ? wide : found;
}

const bySpeed = (a: Choice, b: Choice) => b.speed - a.speed;

function accepts(level: Level): boolean {
  if (typeof WebAssembly === 'undefined') return false;
  // Where vectors are not joined, wide code is right all the same, but slow: only who asks for it gets it.
  if (level === 'wide') allowRevectorizing();
  const bytes = () => kernelBytes(level, BLOCKS[level][0]!);
  if (WebAssembly.validate(bytes())) return true;
  if (level === 'plain') return false;
  allowRelaxedSimd();
  return WebAssembly.validate(bytes());
}

/** Rows, taps and depth of the product that is timed: its operands stay in the first caches, as a tile's do. */
const PROBE = { blocks: 30, taps: 3, depth: 128 } as const;
const ROUNDS = 12;

/** Products a nanosecond of one block shape, the best of some rounds of a fraction of a millisecond. */
function speedOf(level: Level, block: Block): number {
  const module = optimizedAtOnce(() => new WebAssembly.Module(moduleBytes([gemm(level, block)])));
  const space = new Workspace(module, block);
  const { blocks, taps, depth } = PROBE;
  const rows = blocks * block.rows;
  const [table, input] = [space.take(rows * taps), space.take((rows + taps) * depth)];
  const [panel, output] = [space.take(taps * depth * block.columns), space.take(rows * block.columns)];
  for (let i = 0; i < rows * taps; i++) {
    const row = Math.floor(i / (block.rows * taps)) * block.rows + (i % block.rows);
    space.integers[table / 4 + i] = input + (row + (Math.floor(i / block.rows) % taps)) * depth * 4;
  }
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    space.run.gemm(table, 0, blocks, taps, depth, panel, output, 0, output, block.columns * 4);
    best = Math.min(best, performance.now() - begin);
  }
  return (rows * block.columns * depth * taps) / (best * 1e6);
}
