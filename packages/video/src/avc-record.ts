/** Profile, compatibility and level: what an `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 5.3.3.1) says before its sets. */
const HEAD = { profile: 1, level: 3, lengthSize: 4, sequenceSets: 5 } as const;

const LEVEL_1B = 9;
const LEVEL_1_1 = 11;

/**
 * What an H.264 encoder declares, as every decoder takes it:
 *
 * - level 1.1 where it says 1b, which 1.1 contains: Chromium's encoder says 1b of pictures of up to 176x144, and its decoder
 *   refuses what says so;
 * - parameter sets that begin once: Firefox's encoder on Linux writes the first byte of each twice, and leaves reserved bits 0.
 *
 * @param description an `AVCDecoderConfigurationRecord`; it is left as it is
 */
export function mendAvcRecord(description: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = description.slice();
  if (record[HEAD.level] === LEVEL_1B) record[HEAD.level] = LEVEL_1_1;
  return beginsTwice(record) ? withPlainSets(record) : record;
}

/** Whether the first sequence parameter set, whose second byte is the profile, has its first byte twice. */
function beginsTwice(record: Uint8Array): boolean {
  const first = HEAD.sequenceSets + 3;
  return record[first] === record[first + 1] && record[first + 2] === record[HEAD.profile];
}

function withPlainSets(record: Uint8Array): Uint8Array<ArrayBuffer> {
  const made = [...record.subarray(0, HEAD.lengthSize), record[HEAD.lengthSize]! | 0xfc];
  let at = HEAD.sequenceSets;
  // Sequence parameter sets, then picture parameter sets: how many, and the length of each.
  for (const [countBits, reserved] of [
    [0x1f, 0xe0],
    [0xff, 0],
  ] as const) {
    const count = record[at++]! & countBits;
    made.push(count | reserved);
    for (let index = 0; index < count; index++) {
      const length = (record[at]! << 8) | record[at + 1]!;
      const set = record.subarray(at + 2, at + 2 + length);
      const plain = set[0] === set[1] ? set.subarray(1) : set;
      made.push(plain.length >> 8, plain.length & 0xff, ...plain);
      at += 2 + length;
    }
  }
  return new Uint8Array([...made, ...record.subarray(at)]);
}
