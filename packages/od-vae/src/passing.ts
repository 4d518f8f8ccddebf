import type { Tiling } from '@od-vae/tiling';

/** Bytes of frames that are read ahead of the model, or wait to be written, at most. */
const AHEAD_BYTES = 2 ** 26;

/** The items as they are, each seen on its way. */
export async function* passing<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  see: (item: Item) => void,
): AsyncGenerator<Item, void, undefined> {
  for await (const item of items) {
    see(item);
    yield item;
  }
}

/** How many frames of a size are read ahead: a group, or as many as fit into 64 MiB, but at least one. */
export function aheadOf({ width, height }: { width: number; height: number }, { frames }: Tiling): number {
  return Math.max(1, Math.min(frames - 1, Math.floor(AHEAD_BYTES / (3 * width * height))));
}
