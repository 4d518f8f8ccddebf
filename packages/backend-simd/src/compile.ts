import { adamStep } from './code/adam.ts';
import { elementwise } from './code/elementwise.ts';
import { framePairs } from './code/frame-pairs.ts';
import { type Block, gemm, gemmGroups } from './code/gemm.ts';
import { normGradient, normSums } from './code/norm-gradient.ts';
import { outerProducts, regroup } from './code/outer-product.ts';
import { moments, scale } from './code/normalization.ts';
import { exponentials, largest } from './code/softmax.ts';
import { winograd } from './code/winograd.ts';
import { optimizedAtOnce } from './engine-flags.ts';
import { moduleBytes } from './wasm/module-bytes.ts';
import type { Level } from './wasm/vectors.ts';

/** All kernels for one level of instructions, as a WebAssembly binary. */
export function kernelBytes(level: Level, block: Block): Uint8Array<ArrayBuffer> {
  return moduleBytes([
    gemm(level, block),
    gemmGroups(level, block),
    ...winograd(level),
    ...framePairs(level),
    ...elementwise(level),
    outerProducts(level, block.columns),
    regroup(),
    moments(),
    scale(level, 'none'),
    scale(level, 'silu'),
    normSums(level, 'none'),
    normSums(level, 'silu'),
    normGradient(level, 'none'),
    normGradient(level, 'silu'),
    largest(),
    exponentials(level),
    adamStep(level),
  ]);
}

/** Compiles all kernels for one level of instructions. */
export function compileKernels(level: Level, block: Block): WebAssembly.Module {
  return optimizedAtOnce(() => new WebAssembly.Module(kernelBytes(level, block)));
}
