import { describe, expect, it } from 'vitest';

import * as weights from './index.ts';

describe('@od-vae/weights', () => {
  it('exports what it means to, and nothing else', () => {
    expect(Object.keys(weights).toSorted()).toMatchInlineSnapshot(`
      [
        "KIND_BYTES",
        "bytesPerValue",
        "checkpointKind",
        "convertDType",
        "decodeBfloat16",
        "decodeFloat16",
        "detectFamily",
        "encodeBfloat16",
        "encodeFloat16",
        "encodeSafetensors",
        "float32FromBytes",
        "isDType",
        "openCheckpoint",
        "openSafetensors",
        "renameCheckpoint",
        "renameTensors",
        "safetensorsChunks",
        "writeSafetensors",
        "writeShardedSafetensors",
      ]
    `);
  });
});
