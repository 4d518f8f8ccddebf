import { join } from 'node:path';

import { ConfigError, mixSeeds, normalSource, ShapeError, sliceFrames } from '@od-vae/core';
import { largestDifference, noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { createVideoWriter } from '@od-vae/video';
import { memory, tensor5d, type Tensor5D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inFolder, movingFrame, narrowModel, readClip, writeClip } from '../fixtures/narrow-model.ts';
import type { LatentChunk } from './latents.ts';
import { planTiling, type TilingPlan } from './memory-plan.ts';
import type { OdVae } from './od-vae.ts';
import { clipOfFrames } from './pixels.ts';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 2e-5;

let vae: OdVae;
beforeAll(() => {
  vae = narrowModel();
});
afterAll(() => vae.dispose());

/** Runs a body with a posterior, and frees that. */
const encoding = (clip: Tensor5D, options?: Parameters<OdVae['encode']>[1]) => {
  const posterior = vae.encode(clip, options);
  const { shape } = posterior;
  posterior.dispose();
  return shape;
};

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('OdVae.encode', () => {
  it(
    'gives the posterior of a clip that fits',
    scoped(() => expect(encoding(noiseClip('x', [2, 5, 16, 24, 3]))).toEqual([2, 2, 2, 3, 4])),
  );

  it(
    'pads any other clip unless told to trim or to refuse',
    scoped(() => {
      const odd = noiseClip('x', [1, 6, 19, 21, 3]);
      expect(encoding(odd)).toEqual([1, 3, 3, 3, 4]);
      expect(encoding(odd, { framePolicy: 'trim' })).toEqual([1, 2, 2, 2, 4]);
      expect(() => vae.encode(odd, { framePolicy: 'error' })).toThrow(
        new ShapeError('encode: the clip has 6 frames, but needs 4n + 1 (try 5 or 9, or another framePolicy).'),
      );
    }),
  );

  it('leaves its clip alone and holds the three tensors of the posterior', () => {
    const clip = noiseClip('x', [1, 3, 9, 9, 3]);
    const before = memory().numTensors;
    const posterior = vae.encode(clip);
    expect(memory().numTensors).toBe(before + 3);
    posterior.dispose();
    expect(memory().numTensors).toBe(before);
    clip.dispose();
  });

  it(
    'works group by group when given a tiling',
    scoped(() => {
      const clip = noiseClip('x', [1, 9, 16, 16, 3]);
      expect(encoding(clip, { tiling: { frames: 5, latents: 2 } })).toEqual([1, 3, 2, 2, 4]);
      using whole = vae.encode(clip);
      expect(whole.note).toBeUndefined();
      using tiled = vae.encode(clip, { tiling: { frames: 5, latents: 2 } });
      using fitting = vae.encode(clip, { tiling: { frames: 9, latents: 3 } });
      expect(largestDifference(fitting.mean.dataSync(), whole.mean.dataSync())).toBeLessThan(FLOAT32);
      expect(largestDifference(tiled.mean.dataSync(), whole.mean.dataSync())).toBeGreaterThan(FLOAT32);
    }),
  );
});

describe('OdVae.decode', () => {
  it(
    'rebuilds a clip, cut back to one of odd size or to an extent',
    scoped(() => {
      const clip = noiseClip('x', [1, 6, 19, 21, 3]);
      using posterior = vae.encode(clip);
      const latents = posterior.mode();
      const whole = vae.decode(latents);
      expect(whole.shape).toEqual([1, 9, 24, 24, 3]);
      const cut = vae.decode(latents, { cutTo: clip });
      expect(cut.shape).toEqual(clip.shape);
      expect(cut.arraySync()[0]![5]![18]![20]).toEqual(whole.arraySync()[0]![5]![18]![20]);
      expect(vae.decode(latents, { cutTo: { frames: 2, height: 3, width: 4 } }).shape).toEqual([1, 2, 3, 4, 3]);
      expect(vae.decode(latents, { cutTo: posterior.extent }).shape).toEqual(clip.shape);
      expect(posterior.note).toBe(
        '6 frames came and the model needs 4n + 1, so the last was repeated 3 times and cut off again; ' +
          'frames of 21x19 came and the model needs multiples of 8, so they were padded to 24x24 and cut back.',
      );
    }),
  );

  it(
    'works group by group when given a tiling, and gives one tensor',
    scoped(() => {
      const latents = noiseClip('z', [1, 3, 2, 2, 4]);
      const before = memory().numTensors;
      const rebuilt = vae.decode(latents, { tiling: { frames: 5, latents: 2 } });
      expect(rebuilt.shape).toEqual([1, 9, 16, 16, 3]);
      expect(memory().numTensors).toBe(before + 1);
    }),
  );
});

describe('OdVae.encodeVideo', () => {
  it('gives the latents that encode gives of the same frames', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.y4m');
      await writeClip(path, 5);
      const [chunk, ...more] = await collect(vae.encodeVideo(path));
      expect(more).toEqual([]);
      expect(chunk!.shape).toEqual([2, 2, 2, 4]);
      const frames = await readClip(path);
      scoped(() => {
        using posterior = vae.encode(clipOfFrames(frames));
        expect(largestDifference(posterior.mode().dataSync(), chunk!.data)).toBeLessThan(FLOAT32);
      })();
    }));

  it('draws latents of a seed when asked to sample, group by group', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.y4m');
      await writeClip(path, 9);
      const tiling = { frames: 5, latents: 2 };
      const draw = (options: object) => collect(vae.encodeVideo(path, { tiling, ...options }));
      const sampled = await draw({ sample: true, seed: 1 });
      expect(sampled.map(({ shape }) => shape[0])).toEqual([2, 1]);
      expect(await draw({ sample: true, seed: 1 })).toEqual(sampled);
      expect(await draw({ sample: true, seed: 2 })).not.toEqual(sampled);
      expect(await draw({})).not.toEqual(sampled);
    }));

  it('yields which frames each chunk encodes', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.y4m');
      await writeClip(path, 12);
      const tiling = { frames: 5, latents: 2 };
      const chunks = await collect(vae.encodeVideo(path, { tiling }));
      expect(chunks.map(({ shape, frames, start, time }) => [shape[0], frames, start, time])).toEqual([
        [2, 5, 0, 0],
        [1, 4, 5, 5 / 25],
        [1, 3, 9, 9 / 25],
      ]);
      expect(chunks[0]!.seed).toBeUndefined();
    }));

  it('draws fresh noise without a seed, and yields the seed, which draws the same again', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.y4m');
      await writeClip(path, 5);
      const [first] = await collect(vae.encodeVideo(path, { sample: true }));
      const [second] = await collect(vae.encodeVideo(path, { sample: true }));
      expect(second!.data).not.toEqual(first!.data);
      const [again] = await collect(vae.encodeVideo(path, { sample: true, seed: first!.seed }));
      expect(again!.data).toEqual(first!.data);
    }));

  it('shares no noise between the groups of neighboring seeds', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.y4m');
      // All groups after the first have the same frames, so equal noise would give equal latents.
      const writer = await createVideoWriter(path, { width: 16, height: 16, fps: 25 });
      for (let index = 0; index < 17; index++) await writer.write(movingFrame(0, 16, 16));
      await writer.finish();
      const tiling = { frames: 5, latents: 2 };
      const draws = await Promise.all(
        [6, 7, 8].map((seed) => collect(vae.encodeVideo(path, { tiling, sample: true, seed }))),
      );
      const later = draws.flatMap((chunks) => chunks.slice(1)).map(({ data }) => String(data));
      expect(later).toHaveLength(9);
      expect(new Set(later).size).toBe(9);
    }));

  it('draws group n with a seed mixed of the seed and n', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.y4m');
      await writeClip(path, 9);
      const tiling = { frames: 5, latents: 2 };
      const [, second] = await collect(vae.encodeVideo(path, { tiling, sample: true, seed: 6 }));
      const frames = await readClip(path);
      scoped(() => {
        // The second group is frames 4 to 8, whose first latent belongs to the group before.
        using posterior = vae.encode(clipOfFrames(frames.slice(4)));
        const last = (latents: Tensor5D) => sliceFrames(latents, 1, 2).dataSync<'float32'>();
        const [mean, deviation, normal] = [last(posterior.mean), last(posterior.std), normalSource(mixSeeds(6, 1))];
        const expected = mean.map((value, index) => value + deviation[index]! * normal());
        expect(largestDifference(second!.data, expected)).toBeLessThan(FLOAT32);
      })();
    }));

  it('takes frames as it needs them: the first latents leave long before the last frame is asked for', async () => {
    let taken = 0;
    async function* camera() {
      for (let index = 0; index < 100; index++) {
        taken += 1;
        yield movingFrame(index, 16, 16);
      }
    }
    const seen: number[] = [];
    for await (const { shape } of vae.encodeVideo(camera(), { tiling: { frames: 5, latents: 2 } })) {
      expect(shape[0]).toBe(seen.length === 0 ? 2 : 1);
      seen.push(taken);
      if (seen.length === 4) break;
    }
    // Groups of 4 new frames, as many to know that this is not the last, and as many read ahead.
    expect(seen.every((count, group) => count <= 5 + 4 * group + 4 + 5)).toBe(true);
    expect(seen[0]).toBeLessThan(20);
  });

  it('lets go of everything when its reader stops after the first group', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.y4m');
      await writeClip(path, 13);
      const before = memory().numTensors;
      for await (const chunk of vae.encodeVideo(path, { tiling: { frames: 5, latents: 2 } })) {
        expect(chunk.shape[0]).toBe(2);
        break;
      }
      expect(memory().numTensors).toBe(before);
    }));
});

describe('OdVae.decodeLatents', () => {
  const chunk: LatentChunk = { shape: [3, 2, 2, 4], data: Float32Array.from({ length: 48 }, (_, at) => Math.sin(at)) };

  it('gives the pictures that decode gives, in [0, 1] and in time', async () => {
    const pictures = await collect(vae.decodeLatents([chunk], { fps: 10 }));
    expect(pictures.map(({ timestamp }) => timestamp)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((index) => index / 10));
    expect(pictures.every(({ width, height, data }) => width === 16 && height === 16 && data.length === 768)).toBe(
      true,
    );
    scoped(() => {
      const clip = vae.decode(tensor5d(chunk.data, [1, 3, 2, 2, 4]));
      const expected = clip.dataSync<'float32'>().map((value) => Math.min(1, Math.max(0, (value + 1) / 2)));
      const values = Float32Array.from(pictures.flatMap(({ data }) => [...data]));
      expect(largestDifference(values, expected)).toBeLessThan(FLOAT32);
    })();
  });

  it('keeps the frames, rows and columns asked for', async () => {
    const pictures = await collect(vae.decodeLatents([chunk], { frames: 4, width: 10, height: 7 }));
    expect(pictures.map(({ width, height, data }) => [width, height, data.length])).toEqual(
      Array.from({ length: 4 }, () => [10, 7, 210]),
    );
  });

  it('cuts pictures so that they fit into memory, says how before it computes, and ends the chunks it did not take', async () => {
    const large: LatentChunk = { shape: [2, 32, 32, 4], data: new Float32Array(8192) };
    let isEnded = false;
    const chunks = async function* () {
      try {
        for (;;) yield large;
      } finally {
        isEnded = true;
      }
    };
    const plans: TilingPlan[] = [];
    const onPlan = (plan: TilingPlan) => {
      plans.push(plan);
      throw new Error('seen');
    };
    const { memory: roomy } = planTiling({ config: vae.config, backend: 'cpu', width: 256, height: 256 });
    for (const bytes of [roomy.total, roomy.total - 1]) {
      await expect(collect(vae.decodeLatents(chunks(), { memory: bytes, onPlan }))).rejects.toThrow('seen');
      expect(isEnded).toBe(true);
      isEnded = false;
    }
    expect(plans.map(({ tiling, limit }) => [tiling.frames, limit])).toEqual([
      [33, roomy.total],
      [expect.any(Number), roomy.total - 1],
    ]);
    expect(plans[1]!.memory.total).toBeLessThan(roomy.total);
    await expect(collect(vae.decodeLatents(chunks(), { memory: 1e6 }))).rejects.toThrow(ConfigError);
    expect(isEnded).toBe(true);
  });

  it('refuses latents of another model', async () => {
    const other: LatentChunk = { shape: [1, 2, 2, 8], data: new Float32Array(32) };
    await expect(collect(vae.decodeLatents([other]))).rejects.toThrow(
      new ShapeError('decodeLatents: the model needs latents of 4 channels, but 8 came.'),
    );
  });
});

describe('OdVae', () => {
  it('frees its weights when it is disposed', () => {
    const before = memory().numTensors;
    {
      using another = narrowModel();
      expect(memory().numTensors).toBeGreaterThan(before + 50);
      expect(another.label).toBe('narrow');
    }
    expect(memory().numTensors).toBe(before);
  });
});
