import { useLeakGuard } from '@od-vae/test-utils';
import { probeVideo } from '@od-vae/video';
import { OdVae } from 'od-vae';
import { describe, expect, it } from 'vitest';

import { blobTarget } from './blob-target.ts';
import { fetchBlob } from './fetch-bytes.ts';
import { useDevice } from './use-device.ts';

const VIDEO = new URL('../../video/src/fixtures/h264.mp4', import.meta.url);

/** Decibels of the same call in Node, on wasm. */
const NODE_PSNR = 20.571;

describe('OdVae.reconstruct in a browser', () => {
  useDevice('wasm');
  useLeakGuard();

  it('rebuilds a video from a Blob into a stream, and measures what Node measures', async () => {
    using vae = await OdVae.fromPretrained('small');
    const { stream, blob } = blobTarget();
    const report = await vae.reconstruct(await fetchBlob(VIDEO), stream, { format: 'webm', frames: 5 });
    expect(report).toMatchObject({ frames: 5, width: 64, height: 48, latentShape: [1, 4, 2, 6, 8], backend: 'wasm' });
    expect(report.psnr).toBeCloseTo(NODE_PSNR, 3);
    expect(await probeVideo(blob())).toMatchObject({ frameCount: 5, width: 64, height: 48, codec: 'vp9' });
  });
});
