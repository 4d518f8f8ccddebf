import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseConfig } from '@od-vae/models';
import { describe, expect, it } from 'vitest';

import { temporaryFolder } from '../../fixtures/files.ts';
import { UsageError } from '../usage-error.ts';
import { loadTrainConfig } from './load-train-config.ts';
import { mergeSettings, parseSetting } from './merge-settings.ts';
import { trainConfigSchema } from './train-config.ts';
import { type TrainPreset, trainPresets } from './train-presets.ts';

const folder = temporaryFolder();
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const least = { data: { folder: 'clips' }, output: 'run', steps: 10 };

describe('loadTrainConfig', () => {
  it('fills in the defaults, which are those of the paper', async () => {
    const config = await loadTrainConfig({ file: file('least.json', JSON.stringify(least)), set: [] });
    expect(config).toMatchObject({
      model: 'variant4',
      data: { folder: 'clips', frames: 25, size: 256 },
      learningRate: { rate: 1e-5, shape: 'constant' },
      adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      averageDecay: 0.999,
      klWeight: 1e-6,
      discriminator: null,
    });
  });

  it('reads TypeScript', async () => {
    const text =
      'interface Run { steps: number }\nconst run: Run = { steps: 7 };\nexport default { ...run, output: "o", data: { folder: "f" } };';
    expect((await loadTrainConfig({ file: file('run.ts', text), set: [] })).steps).toBe(7);
  });

  it('lays the preset under the file and the command line over it', async () => {
    const path = file('small.json', JSON.stringify({ ...least, data: { folder: 'clips', frames: 5 } }));
    const config = await loadTrainConfig({ preset: 'small', file: path, set: ['batch=3', 'data.size=32', 'output=x'] });
    expect(config).toMatchObject({ steps: 10, batch: 3, output: 'x', clipNorm: 1000 });
    expect(config.data).toMatchObject({ folder: 'clips', frames: 5, size: 32, flip: true });
  });

  it.each([
    ['{"stepz":1}', /Unrecognized key: "stepz"/],
    [JSON.stringify({ ...least, batch: 0 }), /batch: .*>0/],
    ['{"steps":1,"output":"o"}', /data: /],
    ['[]', /must hold one object/],
    ['{', /must be JSON/],
  ])('refuses %s', async (text, message) => {
    const loading = loadTrainConfig({ file: file('wrong.json', text), set: [] });
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(UsageError);
  });

  it.each(Object.keys(trainPresets) as TrainPreset[])('has the preset %s, which is sound', async (preset) => {
    const config = await loadTrainConfig({
      preset,
      set: ['data.folder=clips', 'output=run', 'perceptual.weights=vgg.pth'],
    });
    expect(config.steps).toBeGreaterThan(1000);
    expect(config.perceptual).toMatchObject({ network: 'vgg', weight: 1 });
    if (typeof config.model === 'object') expect(parseConfig(config.model).hiddenSize).toBe(32);
  });
});

describe('trainConfigSchema', () => {
  it('describes every field', () => {
    const undescribed = (schema: object, path: string): string[] => {
      const { shape } = schema as {
        shape?: Record<string, { description?: string; _zod: { def: { innerType?: object } } }>;
      };
      return Object.entries(shape ?? {}).flatMap(([name, field]) => {
        let inner: { description?: string; shape?: object; _zod?: { def: { innerType?: object } } } = field;
        const texts: (string | undefined)[] = [inner.description];
        while (inner._zod?.def.innerType) {
          inner = inner._zod.def.innerType;
          texts.push(inner.description);
        }
        const described = texts.some(Boolean) || inner.shape !== undefined;
        return [...(described ? [] : [`${path}${name}`]), ...undescribed(inner, `${path}${name}.`)];
      });
    };
    expect(undescribed(trainConfigSchema, '')).toEqual([]);
  });
});

describe('mergeSettings', () => {
  it('merges objects, replaces lists, and lets null take a part away', () => {
    expect(mergeSettings({ a: { x: 1, y: [1, 2] }, b: { z: 1 } }, { a: { y: [3] }, b: null })).toEqual({
      a: { x: 1, y: [3] },
      b: null,
    });
  });
});

describe('parseSetting', () => {
  it('reads values as JSON where they are, as text otherwise', () => {
    expect(parseSetting('a.b=3')).toEqual({ a: { b: 3 } });
    expect(parseSetting('a=null')).toEqual({ a: null });
    expect(parseSetting('a=x=y')).toEqual({ a: 'x=y' });
    expect(() => parseSetting('steps')).toThrow('--set needs key=value');
  });
});
