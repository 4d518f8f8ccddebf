import type { ElementwiseOp } from './code/elementwise.ts';
import { EXPONENTIAL } from './code/exponential.ts';
import type { Block } from './code/gemm.ts';
import { WINOGRAD } from './code/winograd-transforms.ts';

type LeftRows = [table: number, base: number, blocks: number, taps: number];
type Panel = [panel: number, initial: number, initialStep: number, output: number, outputStep: number];

type WinogradTransform = (
  source: number,
  sourceRow: number,
  sourcePixel: number,
  vectors: number,
  target: number,
  targetRow: number,
  targetPixel: number,
  biasOrSkip: number,
) => void;

type WinogradOfTwo = (...of: [...Parameters<WinogradTransform>, distance: number]) => void;

type NormSums = (x: number, dy: number, rows: number, vectors: number, coefficients: number, sums: number) => void;
type NormGradient = (x: number, dy: number, rows: number, vectors: number, coefficients: number) => void;

type Elementwise = (a: number, b: number, y: number, vectors: number, alpha: number) => void;

/** The generated functions, by name; see `src/code` for what each does. */
export interface KernelFunctions extends Readonly<Record<ElementwiseOp, Elementwise>> {
  gemm(...of: [...LeftRows, depth: number, ...Panel]): void;
  gemmGroups(...of: [...LeftRows, groups: number, groupStep: number, ...Panel]): void;
  winogradInput4: WinogradTransform;
  winogradInput6: WinogradTransform;
  winogradInputSum4: WinogradOfTwo;
  winogradInputSum6: WinogradOfTwo;
  winogradInputDifference4: WinogradOfTwo;
  winogradInputDifference6: WinogradOfTwo;
  pairWeights(g0: number, g1: number, g2: number, sum: number, difference: number, vectors: number): void;
  joinPairs(products: number, step: number, vectors: number): void;
  winogradWeights4: WinogradTransform;
  winogradWeights6: WinogradTransform;
  winogradGradient4: WinogradTransform;
  winogradFilter4: WinogradTransform;
  winogradOutput4: WinogradTransform;
  winogradOutput6: WinogradTransform;
  outerProducts(
    x: number,
    xRow: number,
    xPixel: number,
    xBlock: number,
    dy: number,
    rows: number,
    columns: number,
    blocks: number,
    output: number,
    outputStep: number,
    outputBlock: number,
  ): void;
  regroup(source: number, step: number, pixels: number, vectors: number, target: number): void;
  moments(data: number, rows: number, vectors: number, sums: number): void;
  scale(data: number, rows: number, vectors: number, gains: number, shifts: number): void;
  scaleSilu(data: number, rows: number, vectors: number, gains: number, shifts: number): void;
  normSums: NormSums;
  siluNormSums: NormSums;
  normGradient: NormGradient;
  siluNormGradient: NormGradient;
  largest(data: number, vectors: number, result: number): void;
  adamStep(param: number, gradient: number, mean: number, square: number, vectors: number, constants: number): void;
  exponentials(data: number, vectors: number, shift: number, result: number): void;
}

const PAGE = 65_536;
/** The kernels' constants, and where the rest of scratch begins behind them. */
const TABLES = [EXPONENTIAL, WINOGRAD];
const BEGIN = Math.ceil(Math.max(...TABLES.map(({ end }) => end)) / 64) * 64;

/**
 * One thread's kernels and the scratch memory that they work in: tiles are copied in and out, tensors stay outside.
 *
 * It begins with the constants of the kernels. The memory grows to what the largest tile needs and is kept.
 */
export class Workspace {
  readonly run: KernelFunctions;
  readonly block: Block;
  /** What the scratch still holds from the job before; a task sets it to skip work that two jobs share. */
  kept = '';
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  #used = BEGIN;
  #floats = new Float32Array(this.#memory.buffer);
  #integers = new Int32Array(this.#memory.buffer);

  /** @param block what `gemm` of this module holds in registers */
  constructor(module: WebAssembly.Module, block: Block) {
    this.block = block;
    for (const { floats, begin } of TABLES) this.#floats.set(floats, begin / 4);
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.run = exports as unknown as KernelFunctions;
  }

  /** Scratch memory held, in bytes. */
  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** The scratch as float32; asked for again after each {@link take}, which may move it. */
  get floats(): Float32Array {
    return this.#floats;
  }

  /** The scratch as integers, with the same care. */
  get integers(): Int32Array {
    return this.#integers;
  }

  /** Forgets all that was taken. */
  begin(): void {
    this.#used = BEGIN;
  }

  /** Address of `count` float32 or integers of scratch, not zeroed, aligned to 64 bytes. */
  take(count: number): number {
    const address = this.#used;
    this.#used += Math.ceil(count / 16) * 64;
    const missing = this.#used - this.#memory.buffer.byteLength;
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE));
      this.#floats = new Float32Array(this.#memory.buffer);
      this.#integers = new Int32Array(this.#memory.buffer);
    }
    return address;
  }
}
