import { initParams } from '@od-vae/core';
import { causalConv3d, causalConv3dSpec, groupNormSilu, groupNormSpec, perFrame } from '@od-vae/layers';
import { largestDifference, noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { tiled } from '@od-vae/tiling';
import { slice, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 1e-5;
const GROUP = 9;
/** Frames before a frame that two convolutions of three taps see. */
const REACH = 4;

/** Two causal convolutions with norms between them, the norms over one frame at a time or over all of them. */
function layers(normalize: (norm: (x: Tensor5D) => Tensor5D) => (x: Tensor5D) => Tensor5D) {
  const first = initParams(causalConv3dSpec(3, 8), { seed: 1 });
  const norm = initParams(groupNormSpec(8), { seed: 2 });
  const second = initParams(causalConv3dSpec(8, 3), { seed: 3 });
  const normSilu = normalize((x) => groupNormSilu(norm, x, { groups: 4 }));
  return (x: Tensor5D) => causalConv3d(second, normSilu(causalConv3d(first, x)));
}

/** The largest difference between tiled and untiled of every frame. */
function differences(f: (x: Tensor5D) => Tensor5D, frames: number): number[] {
  const clip = noiseClip('x', [1, frames, 6, 5, 3]);
  const tiling = { frames: GROUP, latents: GROUP };
  const cut = tiled(f, { direction: 'encode', tiling, temporalStride: 1, spatialStride: 1 })(clip);
  const whole = f(clip);
  const frame = (x: Tensor5D, index: number) => slice(x, [0, index, 0, 0, 0], [1, 1, 6, 5, 3]).dataSync<'float32'>();
  return Array.from({ length: frames }, (_, index) => largestDifference(frame(cut, index), frame(whole, index)));
}

/** Frames since a group began, the one that it shares with the group before not counted. */
const sinceBorder = (frame: number) => (frame < GROUP ? Infinity : (frame - GROUP) % (GROUP - 1));

describe('real layers, tiled in time', () => {
  it(
    'give what they give untiled wherever no convolution reaches over a border, if norms see one frame at a time',
    scoped(() => {
      for (const [frame, difference] of differences(layers(perFrame), 30).entries()) {
        // The first frame of a group is the one before the border, so that one frame less is out of reach.
        if (sinceBorder(frame) >= REACH - 1) expect(difference, `frame ${frame}`).toBeLessThan(FLOAT32);
      }
    }),
  );

  it(
    'differ within reach of a border, and everywhere if norms see all frames',
    scoped(() => {
      const near = differences(layers(perFrame), 30).filter((_, frame) => sinceBorder(frame) === 0);
      expect(near).toHaveLength(3);
      expect(Math.min(...near)).toBeGreaterThan(100 * FLOAT32);
      const all = differences(
        layers((norm) => norm),
        30,
      );
      expect(Math.min(...all)).toBeGreaterThan(FLOAT32);
    }),
  );
});
