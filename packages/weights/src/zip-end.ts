import { CheckpointError } from '@od-vae/core/base';

import type { ByteSource } from './byte-source.ts';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;

/** The record and the locator of large archives, which lie between the directory and the end. */
const ZIP64_BYTES = 56 + 20;
const ZIP64_SIGNATURE = 0x06064b50;

/** Says that the real number is in the record of large archives. */
const ELSEWHERE = 0xffff_ffff;

/**
 * Refuses an archive whose directory does not lie where its end says, so that bytes were put in or taken out before it;
 * zip.js would look for it.
 *
 * @throws CheckpointError with both places
 */
export async function assertDirectoryInPlace(source: ByteSource): Promise<void> {
  const start = Math.max(0, source.size - END_BYTES - MAX_COMMENT_BYTES);
  const tail = await source.read(start, source.size);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let end = tail.length - END_BYTES;
  while (end >= 0 && view.getUint32(end, true) !== END_SIGNATURE) end--;
  if (end < 0) return;
  const [size, offset] = [view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  if (size === ELSEWHERE || offset === ELSEWHERE) return;
  const isLarge = end >= ZIP64_BYTES && view.getUint32(end - ZIP64_BYTES, true) === ZIP64_SIGNATURE;
  const place = start + end - (isLarge ? ZIP64_BYTES : 0) - size;
  if (place !== offset) {
    throw new CheckpointError(
      `${source.label} is damaged: the directory of the archive must lie at byte ${offset}, but lies at ${place}.`,
    );
  }
}
