/** How a workgroup shares a block of a matrix product among its threads. */
export interface MatrixTile {
  /** Threads along the rows (pixels) and along the columns (channels). */
  readonly down: number;
  readonly across: number;
  /** Rows of each thread, and its columns in fours. */
  readonly rows: number;
  readonly columns: number;
}

/** What of a device decides which blocks it computes best. */
export interface TileDevice {
  readonly limits: Pick<
    GPUSupportedLimits,
    | 'maxBufferSize'
    | 'maxComputeInvocationsPerWorkgroup'
    | 'maxComputeWorkgroupStorageSize'
    | 'maxStorageBufferBindingSize'
  >;
  /** Blocks that it takes to occupy all of it: many on a GPU, few where software stands for one. */
  readonly enoughBlocks: number;
  /** Whether starting a thread costs more than what it keeps: so it is where software stands for a GPU. */
  readonly fewThreads: boolean;
}

/** Terms of the sum that a workgroup keeps in its own memory at once. */
export const TERMS = 16;

const NARROW: MatrixTile = { down: 64, across: 1, rows: 2, columns: 1 };
const SLIM: MatrixTile = { down: 16, across: 4, rows: 4, columns: 1 };
const SMALL: MatrixTile = { down: 8, across: 8, rows: 4, columns: 1 };
const TALL: MatrixTile = { down: 16, across: 4, rows: 8, columns: 2 };
const LARGE: MatrixTile = { down: 16, across: 8, rows: 8, columns: 2 };

/** Share of a large block's rows that must be of use. */
const LEAST_FILL = 0.6;

/** The block for products of so many rows and columns: large ones read least, small ones leave no core without work. */
export function chooseTile(device: TileDevice, rows: number, columns: number, products = 1): MatrixTile {
  const tile = chooseBlock(device, rows, columns, products);
  return device.fewThreads ? onFewThreads(tile) : tile;
}

/** The same block, of which each of a quarter of the threads has four times as much. */
function onFewThreads({ down, across, rows, columns }: MatrixTile): MatrixTile {
  if (across === 1) return { down: down / 4, across, rows: 4 * rows, columns };
  return { down: down / 2, across: across / 2, rows: 2 * rows, columns: 2 * columns };
}

function chooseBlock(device: TileDevice, rows: number, columns: number, products: number): MatrixTile {
  if (columns <= 4) return NARROW;
  if (columns <= 16) return SLIM;
  const large = columns > blockColumns(TALL) ? LARGE : TALL;
  return pays(large, device, rows, columns, products) ? large : SMALL;
}

/** Whether a product is computed in blocks of the large size. */
export function hasLargeBlocks(device: TileDevice, rows: number, columns: number): boolean {
  return chooseBlock(device, rows, columns, 1) === LARGE;
}

function pays(tile: MatrixTile, device: TileDevice, rows: number, columns: number, products: number): boolean {
  const down = Math.ceil(rows / blockRows(tile));
  const blocks = products * down * Math.ceil(columns / blockColumns(tile));
  const fill = rows / (down * blockRows(tile));
  return fits(tile, device) && blocks >= device.enoughBlocks && fill >= LEAST_FILL;
}

/** Rows of a workgroup's block. */
export function blockRows({ down, rows }: MatrixTile): number {
  return down * rows;
}

/** Columns of a workgroup's block. */
export function blockColumns({ across, columns }: MatrixTile): number {
  return 4 * across * columns;
}

function fits(tile: MatrixTile, { limits }: TileDevice): boolean {
  const bytes = 4 * TERMS * (blockRows(tile) + blockColumns(tile)) + PLACE_BYTES * blockRows(tile);
  return (
    tile.down * tile.across <= limits.maxComputeInvocationsPerWorkgroup &&
    bytes <= limits.maxComputeWorkgroupStorageSize
  );
}

/** What a workgroup remembers of each row. */
const PLACE_BYTES = 20;
