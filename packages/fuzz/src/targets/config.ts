import { countOdVaeParams, type OdVaeConfig, type OfficialConfig, parseConfig, variants } from '@od-vae/models';
import { openCheckpoint } from '@od-vae/weights';
import * as fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bytesOf, type ChangedFile, changedFiles, describeFile, repositoryFile, type Seed } from '../corpus.ts';
import { refusalOf } from '../refusal.ts';
import { SilentError, type Target } from '../target.ts';

/** Either bytes of a changed file, or a config with another value under one of its keys. */
export type ConfigInput = { readonly file: ChangedFile } | { readonly text: string };

const encoder = new TextEncoder();

/** `config.json` beside weights: a model is what its keys say, and no larger than memory allows. */
export const config: Target<ConfigInput> = {
  name: 'config.json',
  weight: 1200,
  inputs: async () => {
    const official = await repositoryFile('packages/weights/fixtures/checkpoints/config.json');
    const seeds: Seed[] = [
      { name: 'config.json', bytes: official },
      { name: 'variant 1', bytes: encoder.encode(JSON.stringify(variants[1])) },
    ];
    const keys = Object.keys(JSON.parse(new TextDecoder().decode(official)) as object);
    const changedKey = fc.record({ key: fc.constantFrom(...keys), value: fc.jsonValue({ maxDepth: 2 }) });
    const text = changedKey.map(({ key, value }) => JSON.stringify({ ...variants[4], [key]: value }));
    return fc.oneof(
      changedFiles(seeds).map((file) => ({ file })),
      text.map((one) => ({ text: one })),
    );
  },
  describe: (input) => ('file' in input ? describeFile(input.file) : input.text.slice(0, 300)),
  run: async (input) => {
    const bytes = 'file' in input ? bytesOf(input.file) : encoder.encode(input.text);
    let parsed: OdVaeConfig;
    try {
      parsed = parseConfig(await configBeside(bytes));
      countOdVaeParams(parsed);
    } catch (error) {
      return refusalOf(error);
    }
    const said = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as OfficialConfig;
    compare(parsed, said);
    const same =
      'file' in input &&
      JSON.stringify(said) === JSON.stringify(JSON.parse(new TextDecoder().decode(input.file.seed.bytes)));
    return { kind: same ? 'same' : 'follows' };
  },
};

/** What is read as the config of weights that lie beside it. */
async function configBeside(bytes: Uint8Array): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'od-vae-fuzz-'));
  try {
    await writeFile(join(folder, 'config.json'), bytes);
    await writeFile(join(folder, 'a.safetensors'), await repositoryFile('packages/fuzz/corpus/every-type.safetensors'));
    const checkpoint = await openCheckpoint(folder);
    try {
      return checkpoint.config;
    } finally {
      await checkpoint.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What of a model comes from which key of the file, and what it is where the file has none. */
const ORIGINS: readonly [key: keyof OfficialConfig, is: (config: OdVaeConfig) => unknown, otherwise: unknown][] = [
  ['hidden_size', ({ hiddenSize }) => hiddenSize, 128],
  ['z_channels', ({ zChannels }) => zChannels, 4],
  ['double_z', ({ doubleZ }) => doubleZ, true],
  ['num_res_blocks', ({ blocksPerLevel }) => blocksPerLevel, 2],
  ['norm_num_groups', ({ normGroups }) => normGroups, 32],
  ['scaling_factor', ({ scalingFactor }) => scalingFactor, 0.18215],
  ['use_quant_layer', ({ quantConv }) => quantConv !== undefined, true],
  ['encoder_conv_in', ({ encoder }) => encoder.convIn, 'CausalConv3d'],
  ['encoder_mid_resnet', ({ encoder }) => encoder.middleBlock, 'ResnetBlock3D'],
  ['decoder_attention', ({ decoder }) => decoder.attention, 'AttnBlock3D'],
  [
    'decoder_temporal_upsample',
    ({ decoder }) => decoder.levels.map(({ temporal }) => temporal),
    ['', '', 'TimeUpsample2x', 'TimeUpsample2x'],
  ],
  [
    'hidden_size_mult',
    ({ hiddenSize, encoder }) => encoder.levels.map(({ channels }) => channels / hiddenSize),
    [1, 2, 4, 4],
  ],
];

/** Each number and name of the model, against the key that it comes from. */
function compare(parsed: OdVaeConfig, said: OfficialConfig): void {
  for (const [key, is, otherwise] of ORIGINS) {
    const [found, wanted] = [is(parsed), said[key] ?? otherwise].map((value) => JSON.stringify(value));
    if (found !== wanted) throw new SilentError(`${key} is ${found}, but the file says ${wanted}`);
  }
}
