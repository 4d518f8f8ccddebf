import { initParams, disposeParams } from '@od-vae/core';
import { exportOdVaeParams, odVaeSpec, type OfficialConfig, parseConfig, variants } from '@od-vae/models';
import { writeSafetensors } from '@od-vae/weights';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Variant 4 at width 8 with one block a level: some milliseconds a clip. */
const NARROW: OfficialConfig = {
  ...variants[4],
  hidden_size: 8,
  hidden_size_mult: [1, 1, 2, 2],
  num_res_blocks: 1,
  norm_num_groups: 4,
};

/** Writes a model of random weights and its config into a folder; a backend must be set. */
export async function writeNarrowModel(folder: string): Promise<void> {
  const config = parseConfig(NARROW);
  const params = initParams(odVaeSpec(config), { seed: 5 });
  const tensors = exportOdVaeParams(params, config).map(({ name, shape, float32 }) => ({
    name,
    shape,
    dtype: 'F32' as const,
    bytes: async () => new Uint8Array((await float32()).slice().buffer),
  }));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { metadata: { format: 'pt' } });
  await writeFile(join(folder, 'config.json'), JSON.stringify(NARROW));
  disposeParams(params);
}

/** The bytes of a y4m video whose frames all differ. */
export function y4mClip({ frames, side }: { readonly frames: number; readonly side: number }): Uint8Array {
  const parts = [Buffer.from(`YUV4MPEG2 W${side} H${side} F25:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < frames; frame++) {
    const planes = Buffer.alloc(side * side + 2 * Math.ceil(side / 2) ** 2, 128);
    for (let index = 0; index < side * side; index++) planes[index] = 16 + ((index * 3 + frame * 20) % 220);
    parts.push(Buffer.from('FRAME\n'), planes);
  }
  return new Uint8Array(Buffer.concat(parts));
}
