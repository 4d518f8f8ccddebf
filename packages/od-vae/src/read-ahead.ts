/**
 * The items as they are, read up to `count` ahead of their consumer, so that reading and computing overlap.
 *
 * Nothing is read before the first item is asked for. Left early, the source is ended as well.
 */
export async function* readAhead<Item>(
  items: AsyncIterable<Item>,
  count: number,
): AsyncGenerator<Item, void, undefined> {
  const source = items[Symbol.asyncIterator]();
  const coming: Promise<IteratorResult<Item, unknown>>[] = [];
  const ask = () => {
    // An error is thrown where its item is asked for; until then it is nobody's.
    const next = source.next();
    next.catch(() => undefined);
    coming.push(next);
  };
  try {
    for (;;) {
      while (coming.length <= count) ask();
      const next = await coming.shift()!;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await Promise.allSettled(coming);
    await source.return?.();
  }
}
