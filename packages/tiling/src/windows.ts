import { ConfigError } from '@od-vae/core';

/** Consecutive items of a stream. */
export interface Window<Item> {
  readonly index: number;
  readonly items: readonly Item[];
  readonly isLast: boolean;
}

/** How a stream is cut. */
export interface WindowOptions<Item> {
  /** Items in every window but the last, which may be shorter. */
  readonly size: number;
  /** Items that a window shares with the one before; 1 by default. */
  readonly overlap?: number | undefined;
  /**
   * New items without which a last window is not made, and the items are left out; 1 by default. An encoder's groups need
   * as many as its temporal stride: fewer give no latent.
   */
  readonly leastNew?: number | undefined;
  /** Called once for each item when no window needs it any more, also when the stream is ended early. */
  readonly release?: ((item: Item) => void) | undefined;
}

/**
 * Overlapping windows of a stream of any length, of which at most `size + leastNew` items are held.
 *
 * @throws ConfigError when the overlap leaves no room for new items
 */
export async function* windows<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { size, overlap = 1, leastNew = 1, release = () => {} }: WindowOptions<Item>,
): AsyncGenerator<Window<Item>, void, undefined> {
  checkWindows(size, overlap, leastNew);
  const held: Item[] = [];
  let index = 0;
  try {
    for await (const item of items) {
      held.push(item);
      if (held.length < size + leastNew) continue;
      yield { index, items: held.slice(0, size), isLast: false };
      index += 1;
      for (const gone of held.splice(0, size - overlap)) release(gone);
    }
    if (held.length > 0) yield { index, items: held.slice(0, size), isLast: true };
  } finally {
    for (const item of held) release(item);
  }
}

function checkWindows(size: number, overlap: number, leastNew: number): void {
  const isCount = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (!isCount(size, 1) || !isCount(overlap, 0) || !isCount(leastNew, 1)) {
    throw new ConfigError(
      `windows: size and leastNew must be whole numbers of at least 1 and overlap of at least 0, ` +
        `but they are ${size}, ${leastNew} and ${overlap}.`,
    );
  }
  if (overlap + leastNew > size) {
    throw new ConfigError(
      `windows: a window of ${size} items has no room for ${overlap} shared and at least ${leastNew} new ones.`,
    );
  }
}
