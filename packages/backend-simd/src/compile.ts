import { BackendError, ConfigError } from '@od-vae/core';

import { gemm } from './code/gemm.ts';
import { moments, scale } from './code/normalization.ts';
import { exponentials, largest } from './code/softmax.ts';
import { moduleBytes } from './wasm/module-bytes.ts';
import type { Level } from './wasm/vectors.ts';

/** Compiles all kernels for one instruction level. */
export function compileKernels(level: Level): WebAssembly.Module {
  try {
    return new WebAssembly.Module(kernelBytes(level));
  } catch (error) {
    throw new BackendError(`simd: this engine does not compile ${level} WebAssembly SIMD.`, { cause: error });
  }
}

function kernelBytes(level: Level): Uint8Array<ArrayBuffer> {
  return moduleBytes([
    gemm(level),
    moments(),
    scale(level, 'none'),
    scale(level, 'silu'),
    largest(),
    exponentials(level),
  ]);
}

/**
 * The quickest level that this engine accepts: a module is validated, versions are not asked.
 *
 * Node 20 knows relaxed SIMD behind a flag that may be set while the program runs, before the first compile.
 *
 * @param wanted a level by name, as from `OD_VAE_SIMD`; undefined leaves the choice to the engine
 * @throws ConfigError when `wanted` names no level, BackendError when the engine refuses it.
 */
export function chooseLevel(wanted?: string): Level {
  if (wanted !== undefined && wanted !== 'plain' && wanted !== 'relaxed') {
    throw new ConfigError(`simd: OD_VAE_SIMD must be "plain" or "relaxed", but is "${wanted}".`);
  }
  if (wanted !== 'plain' && accepts('relaxed')) return 'relaxed';
  if (wanted !== 'relaxed' && accepts('plain')) return 'plain';
  throw new BackendError(`simd: this engine does not accept ${wanted ?? 'any'} WebAssembly SIMD.`);
}

function accepts(level: Level): boolean {
  if (typeof WebAssembly === 'undefined') return false;
  const bytes = kernelBytes(level);
  if (WebAssembly.validate(bytes)) return true;
  if (level === 'plain' || typeof process === 'undefined' || !process.versions?.v8) return false;
  process.getBuiltinModule('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(bytes);
}
