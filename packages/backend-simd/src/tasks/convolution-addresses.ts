import type { Workspace } from '../workspace.ts';
import type { ConvolutionGeometry, ConvolutionTile } from './convolution-geometry.ts';
import type { FrameTerm } from './frame-terms.ts';
import type { InputWindow } from './input-window.ts';

/** What the addresses of a tile's pixels depend on. */
export interface AddressPlan {
  readonly geometry: ConvolutionGeometry;
  readonly tile: ConvolutionTile;
  readonly window: InputWindow;
  /** Of the tile's first frame. */
  readonly terms: readonly FrameTerm[];
  /** Taps whose weights are used together; the table is cut into as many parts as it takes. */
  readonly together: number;
  /** Addresses in scratch: of the table, of a pixel of zeros, of the window. */
  readonly table: number;
  readonly zeros: number;
  readonly input: number;
}

/**
 * Fills the table of `gemm`, `[parts][blocks, taps of the part, rows of a block]`, with the address of the pixel that each
 * tap of each output pixel reads. Borders, strides, causal repetition and nearest enlargement are addresses and nothing else.
 */
export function fillAddresses(space: Workspace, plan: AddressPlan): void {
  const key = JSON.stringify(relativePlan(plan));
  if (space.kept === key) return;
  space.kept = key;
  const { geometry, tile, window, terms, together, zeros } = plan;
  const { kernel, strides } = geometry;
  const table = space.integers.subarray(plan.table / 4);
  const pixels = tile.frames * tile.rows * tile.columns;
  const blockRows = space.block.rows;
  const blocks = Math.ceil(pixels / blockRows);
  const taps = terms.length * kernel.height * kernel.width;
  const pixelBytes = geometry.channels * 4;
  const { height, width } = geometry.input;

  for (let tap = 0; tap < taps; tap++) {
    const part = Math.floor(tap / together);
    const count = Math.min(together, taps - part * together);
    const across = tap % kernel.width;
    const down = Math.floor(tap / kernel.width) % kernel.height;
    const term = terms[Math.floor(tap / (kernel.width * kernel.height))]!;
    const begin = part * together * blocks * blockRows + (tap - part * together) * blockRows;
    const place = (pixel: number) => begin + Math.floor(pixel / blockRows) * count * blockRows + (pixel % blockRows);
    let pixel = 0;
    for (let frame = tile.frame; frame < tile.frame + tile.frames; frame++) {
      const t = term.frame + (frame - tile.frame) * strides.time - window.frame;
      for (let row = tile.row; row < tile.row + tile.rows; row++) {
        const y = row * strides.height - geometry.top + down;
        const inside = y >= 0 && y < height;
        const line = plan.input + (t * window.rows + (y >> window.shift) - window.row) * window.columns * pixelBytes;
        for (let column = tile.column; column < tile.column + tile.columns; column++) {
          const x = column * strides.width - geometry.left + across;
          const stored = line + ((x >> window.shift) - window.column) * pixelBytes;
          table[place(pixel++)] = inside && x >= 0 && x < width ? stored : zeros;
        }
      }
    }
    while (pixel < blocks * blockRows) table[place(pixel++)] = zeros;
  }
}

/** What two tiles with the same table have in common. */
function relativePlan({ geometry, tile, window, terms, together, table, zeros, input }: AddressPlan): unknown[] {
  const { kernel, strides, channels } = geometry;
  const corner = [
    tile.row * strides.height - (window.row << window.shift),
    tile.column * strides.width - (window.column << window.shift),
  ];
  const reads = terms.map((term) => term.frame - window.frame);
  const size = [tile.frames, tile.rows, tile.columns, window.frames, window.rows, window.columns, window.shift];
  const edges = [
    Math.min(geometry.input.height - tile.row * strides.height, (tile.rows + 1) * strides.height + kernel.height),
    Math.min(geometry.input.width - tile.column * strides.width, (tile.columns + 1) * strides.width + kernel.width),
    Math.min(tile.row * strides.height, geometry.top),
    Math.min(tile.column * strides.width, geometry.left),
  ];
  const borders = [geometry.top, geometry.left];
  return [corner, reads, size, edges, kernel, strides, channels, borders, together, table, zeros, input];
}
