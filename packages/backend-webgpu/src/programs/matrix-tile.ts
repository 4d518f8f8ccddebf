/** How a workgroup shares a block of a matrix product among its threads. */
export interface MatrixTile {
  /** Threads along the rows (pixels) and along the columns (channels). */
  readonly down: number;
  readonly across: number;
  /** Rows of each thread, and its columns in fours. */
  readonly rows: number;
  readonly columns: number;
}

/** The limits of a device that decide which blocks it can compute. */
export type TileLimits = Pick<
  GPUSupportedLimits,
  'maxComputeInvocationsPerWorkgroup' | 'maxComputeWorkgroupStorageSize'
>;

/** Terms of the sum that a workgroup keeps in its own memory at once. */
export const TERMS = 16;

const NARROW: MatrixTile = { down: 64, across: 1, rows: 2, columns: 1 };
const SLIM: MatrixTile = { down: 16, across: 4, rows: 4, columns: 1 };
const SMALL: MatrixTile = { down: 8, across: 8, rows: 4, columns: 1 };
const LARGE: MatrixTile = { down: 16, across: 8, rows: 8, columns: 2 };

/** Blocks of the large size that it takes to occupy a GPU. */
const ENOUGH_BLOCKS = 32;

/** The block for a product of so many rows and columns: large ones read least, small ones leave no core without work. */
export function chooseTile(limits: TileLimits, rows: number, columns: number): MatrixTile {
  if (columns <= 4) return NARROW;
  if (columns <= 16) return SLIM;
  const blocks = Math.ceil(rows / blockRows(LARGE)) * Math.ceil(columns / blockColumns(LARGE));
  return fits(LARGE, limits) && columns > blockColumns(SMALL) && blocks >= ENOUGH_BLOCKS ? LARGE : SMALL;
}

/** Rows of a workgroup's block. */
export function blockRows({ down, rows }: MatrixTile): number {
  return down * rows;
}

/** Columns of a workgroup's block. */
export function blockColumns({ across, columns }: MatrixTile): number {
  return 4 * across * columns;
}

function fits(tile: MatrixTile, limits: TileLimits): boolean {
  const bytes = 4 * TERMS * (blockRows(tile) + blockColumns(tile)) + PLACE_BYTES * blockRows(tile);
  return (
    tile.down * tile.across <= limits.maxComputeInvocationsPerWorkgroup &&
    bytes <= limits.maxComputeWorkgroupStorageSize
  );
}

/** What a workgroup remembers of each row. */
const PLACE_BYTES = 20;
