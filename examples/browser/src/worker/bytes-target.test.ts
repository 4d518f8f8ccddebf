import { describe, expect, it } from 'vitest';

import { bytesTarget } from './bytes-target.ts';

describe('bytesTarget', () => {
  it('keeps what is written, over what was there and far behind it', async () => {
    const { stream, bytes } = bytesTarget();
    const writer = stream.getWriter();
    const write = (position: number, ...values: number[]) =>
      writer.write({ type: 'write', position, data: Uint8Array.from(values) });
    await write(0, 1, 2, 3);
    await write(1, 9);
    await write(200_000, 7);
    await writer.close();
    const kept = bytes();
    expect(kept).toHaveLength(200_001);
    expect([...kept.subarray(0, 4), kept.at(-1)]).toEqual([1, 9, 3, 0, 7]);
  });
});
