import { BLOCK_ROWS } from '../code/gemm.ts';
import type { Workspace } from '../workspace.ts';
import type { ConvolutionGeometry, ConvolutionTile } from './convolution-geometry.ts';
import type { InputRegion } from './input-region.ts';

/** What the addresses of a tile's pixels depend on. */
export interface AddressPlan {
  readonly geometry: ConvolutionGeometry;
  readonly tile: ConvolutionTile;
  readonly region: InputRegion;
  readonly merged: number;
  /** Taps whose weights are used together; the table is cut into as many parts as it takes. */
  readonly together: number;
  /** Addresses in scratch: of the table, of a pixel of zeros, of the region. */
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
  const { geometry, tile, region, merged, together, zeros } = plan;
  const { kernel, strides } = geometry;
  const table = space.integers.subarray(plan.table / 4);
  const pixels = tile.frames * tile.rows * tile.columns;
  const blocks = Math.ceil(pixels / BLOCK_ROWS);
  const taps = (kernel.time - merged + 1) * kernel.height * kernel.width;
  const pixelBytes = geometry.channels * 4;
  const { height, width } = geometry.input;

  for (let tap = 0; tap < taps; tap++) {
    const part = Math.floor(tap / together);
    const count = Math.min(together, taps - part * together);
    const across = tap % kernel.width;
    const down = Math.floor(tap / kernel.width) % kernel.height;
    const slab = merged - 1 + Math.floor(tap / (kernel.width * kernel.height));
    const begin = part * together * blocks * BLOCK_ROWS + (tap - part * together) * BLOCK_ROWS;
    const place = (pixel: number) => begin + Math.floor(pixel / BLOCK_ROWS) * count * BLOCK_ROWS + (pixel % BLOCK_ROWS);
    let pixel = 0;
    for (let frame = tile.frame; frame < tile.frame + tile.frames; frame++) {
      const t = Math.max(0, frame * strides.time - (kernel.time - 1) + slab) - region.frame;
      for (let row = tile.row; row < tile.row + tile.rows; row++) {
        const y = row * strides.height - geometry.top + down;
        const inside = y >= 0 && y < height;
        const line = plan.input + (t * region.rows + (y >> region.shift) - region.row) * region.columns * pixelBytes;
        for (let column = tile.column; column < tile.column + tile.columns; column++) {
          const x = column * strides.width - geometry.left + across;
          const stored = line + ((x >> region.shift) - region.column) * pixelBytes;
          table[place(pixel++)] = inside && x >= 0 && x < width ? stored : zeros;
        }
      }
    }
    while (pixel < blocks * BLOCK_ROWS) table[place(pixel++)] = zeros;
  }
}

/** What two tiles with the same table have in common. */
function relativePlan({ geometry, tile, region, merged, together, table, zeros, input }: AddressPlan): unknown[] {
  const { kernel, strides, channels } = geometry;
  const corner = [
    tile.frame * strides.time - region.frame,
    tile.row * strides.height - (region.row << region.shift),
    tile.column * strides.width - (region.column << region.shift),
  ];
  const size = [tile.frames, tile.rows, tile.columns, region.frames, region.rows, region.columns, region.shift];
  const edges = [
    Math.min(geometry.input.height - tile.row * strides.height, (tile.rows + 1) * strides.height + kernel.height),
    Math.min(geometry.input.width - tile.column * strides.width, (tile.columns + 1) * strides.width + kernel.width),
    Math.min(tile.row * strides.height, geometry.top),
    Math.min(tile.column * strides.width, geometry.left),
    Math.min(tile.frame * strides.time, kernel.time),
  ];
  return [
    corner,
    size,
    edges,
    kernel,
    strides,
    channels,
    geometry.top,
    geometry.left,
    merged,
    together,
    table,
    zeros,
    input,
  ];
}
