import { spawnSync } from 'node:child_process';

import { expect, it, vi } from 'vitest';

import { checkEngines } from './check-engines.ts';

it('decodes and encodes a frame with each engine', async () => {
  const reports = await checkEngines();
  expect(reports[0]).toEqual({ engine: 'mediabunny', decodes: true, encodes: true, reason: undefined });
  const hasFfmpeg = spawnSync('ffprobe', ['-version']).status === 0;
  expect(reports[1]).toMatchObject({ engine: 'ffmpeg', decodes: hasFfmpeg });
});

it('reports an engine whose frame has another color', async () => {
  const { VideoSample } = await import('mediabunny');
  const copy = vi.spyOn(VideoSample.prototype, 'copyTo').mockRejectedValue(new Error('no pixels'));
  const [mediabunny] = await checkEngines();
  expect(mediabunny).toMatchObject({ decodes: false, reason: expect.stringContaining('decoding: ') });
  copy.mockRestore();
});
