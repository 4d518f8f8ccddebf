import { mixSeeds, uniformSource } from '@od-vae/core/base';

/**
 * Which of `count` files each sample of an endless run takes: every file once an epoch, in another random order each.
 *
 * The answer depends on seed and index alone, so a run that goes on from any sample sees what it would have seen.
 */
export function sampleOrder(count: number, seed: number): (index: number) => number {
  let epoch = -1;
  let order: number[] = [];
  return (index) => {
    const wanted = Math.floor(index / count);
    if (wanted !== epoch) {
      epoch = wanted;
      order = shuffled(count, mixSeeds(seed, wanted));
    }
    return order[index % count]!;
  };
}

function shuffled(count: number, seed: number): number[] {
  const random = uniformSource(seed);
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
