/**
 * The same loader, which begins the next `depth` items while one is used; asked for in order, items are mostly there.
 *
 * An item that fails does so when it is asked for, not before.
 */
export function readAhead<Item>(
  load: (index: number) => Promise<Item>,
  depth: number,
): (index: number) => Promise<Item> {
  const begun = new Map<number, Promise<Item>>();
  const begin = (index: number): Promise<Item> => {
    const known = begun.get(index);
    if (known) return known;
    const item = load(index);
    item.catch(() => {});
    begun.set(index, item);
    return item;
  };
  return async (index) => {
    for (const old of begun.keys()) if (old < index || old > index + depth) begun.delete(old);
    const item = begin(index);
    const value = await item;
    begun.delete(index);
    for (let next = index + 1; next <= index + depth; next++) void begin(next);
    return value;
  };
}
