import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { CheckpointError, ConfigError } from '@od-vae/core';
import {
  describeConfig,
  odVaeSpec,
  type OfficialConfig,
  parseConfig,
  releases,
  storedParams,
  variants,
} from '@od-vae/models';
import { largestDifference, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { openCheckpoint, renameCheckpoint, writeSafetensors } from '@od-vae/weights';
import { memory, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { inFolder, NARROW, narrowModel, saveModel } from '../fixtures/narrow-model.ts';
import { OdVae } from './od-vae.ts';

useBackend('cpu');
useLeakGuard();

const WEIGHTS = 'diffusion_pytorch_model.safetensors';

/** Saves a narrow model in a folder. */
const saveNarrow = async (folder: string, withConfig = true): Promise<void> => {
  using model = narrowModel();
  await saveModel(model, join(folder, WEIGHTS), withConfig ? join(folder, 'config.json') : undefined);
};

/** Largest difference between the weights of two models. */
function difference(a: OdVae, b: OdVae): number {
  const values = ({ params, config }: OdVae) =>
    storedParams(odVaeSpec(config)).map(({ path }) => {
      const weight = path.split('.').reduce<unknown>((tree, part) => (tree as Record<string, unknown>)[part], params);
      return (weight as Tensor).dataSync();
    });
  const others = values(b);
  return Math.max(...values(a).map((weight, index) => largestDifference(weight, others[index]!)));
}

/** A checkpoint of full-size zeros that takes no room on the disk: a header, and a hole. */
async function writeHole(path: string, official: OfficialConfig): Promise<void> {
  let offset = 0;
  const entries = storedParams(odVaeSpec(parseConfig(official))).map(({ name, shape }) => {
    const begin = offset;
    offset += 4 * shape.reduce((product, side) => product * side, 1);
    return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = await open(path, 'w');
  await file.write(Buffer.concat([length, header]));
  await file.truncate(8 + header.length + offset);
  await file.close();
}

describe('OdVae.fromPretrained', () => {
  it("loads the small model that ships with the project, the paper's variant 4", async () => {
    const seen: number[] = [];
    using vae = await OdVae.fromPretrained('small', { onProgress: ({ done }) => seen.push(done) });
    expect(vae.label).toBe('small');
    expect(describeConfig(vae.config)).toBe('variant 4 (release v1.2)');
    expect(vae.spatialUpsample).toBe('trilinear');
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index + 1));
  });

  it('loads a folder with its config, and a file with the config beside it', () =>
    inFolder(async (folder) => {
      await saveNarrow(folder);
      using saved = narrowModel();
      for (const source of [folder, join(folder, WEIGHTS)]) {
        using vae = await OdVae.fromPretrained(source, { spatialUpsample: 'nearest' });
        expect(vae.config.official).toEqual(NARROW);
        expect(vae.spatialUpsample).toBe('nearest');
        expect(difference(vae, saved)).toBe(0);
      }
    }));

  it('takes the config that it is given before the one beside the weights', () =>
    inFolder(async (folder) => {
      await saveNarrow(folder);
      using vae = await OdVae.fromPretrained(folder, { config: { ...NARROW, scaling_factor: 3 } });
      expect(vae.config.scalingFactor).toBe(3);
    }));

  it.each(['diffusers', 'compvis'] as const)('loads weights under the names of %s', (family) =>
    inFolder(async (folder) => {
      await saveNarrow(folder, false);
      const foreign = join(folder, 'foreign.safetensors');
      {
        await using checkpoint = await openCheckpoint(join(folder, WEIGHTS));
        await writeSafetensors(foreign, renameCheckpoint(checkpoint, family).tensors.values());
      }
      using saved = narrowModel();
      using vae = await OdVae.fromPretrained(foreign, { config: NARROW });
      expect(difference(vae, saved)).toBe(0);
    }),
  );

  it.each([
    ['OD-VAE', variants[4], 248],
    ['release v1.1', releases['v1.1'], 260],
  ])('knows %s by its weights when there is no config', (_, official, count) =>
    inFolder(async (folder) => {
      const path = join(folder, 'nameless.safetensors');
      await writeHole(path, official);
      const totals: (number | undefined)[] = [];
      const loading = OdVae.fromPretrained(path, {
        onProgress: ({ total }) => {
          totals.push(total);
          throw new Error('known');
        },
      });
      await expect(loading).rejects.toThrow('known');
      expect(totals).toEqual([count]);
      await rm(path);
    }),
  );

  it('refuses weights of no published model without a config', () =>
    inFolder(async (folder) => {
      await saveNarrow(folder, false);
      await expect(OdVae.fromPretrained(folder)).rejects.toThrow(CheckpointError);
      await expect(OdVae.fromPretrained(folder)).rejects.toThrow(
        /there is no config\.json beside it, and its weights are those of no published model; give `config`\.$/,
      );
    }));

  it('refuses a wrong config and weights that do not fit a right one', () =>
    inFolder(async (folder) => {
      await saveNarrow(folder, false);
      await expect(OdVae.fromPretrained(folder, { config: { hidden_size: 'wide' } })).rejects.toThrow(ConfigError);
      await expect(OdVae.fromPretrained(folder, { config: { ...NARROW, num_res_blocks: 2 } })).rejects.toThrow(
        /the model needs \d+ weights, but \d+ are missing: "encoder\.down\.0\.block\.1\.norm1\.weight"/,
      );
      await expect(OdVae.fromPretrained(join(folder, 'nowhere'))).rejects.toThrow(CheckpointError);
    }));

  it('refuses an encoder without a variance', async () => {
    await expect(OdVae.fromPretrained('small', { config: { double_z: false } })).rejects.toThrow(
      'must give mean and variance (double_z: true), but gives a mean alone',
    );
  });

  it('leaves nothing behind when it is aborted', () =>
    inFolder(async (folder) => {
      await saveNarrow(folder);
      const controller = new AbortController();
      const before = memory().numTensors;
      const loading = OdVae.fromPretrained(folder, {
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done === 7) controller.abort(new Error('enough'));
        },
      });
      await expect(loading).rejects.toThrow('enough');
      expect(memory().numTensors).toBe(before);
    }));
});
