import { type Frame, openVideo, type ReadOptions } from '@od-vae/video';
import { describe, expect, it } from 'vitest';

async function framesOf(track: MediaStreamTrack, options: ReadOptions): Promise<Frame[]> {
  await using reader = await openVideo(track, options);
  const frames: Frame[] = [];
  for await (const frame of reader.frames()) frames.push(frame);
  return frames;
}

describe('openVideo of a MediaStreamTrack', () => {
  it('reads what a camera shows, and can be left', async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
    const [track] = stream.getVideoTracks() as [MediaStreamTrack];
    const frames = await framesOf(track, { frames: 3 });
    expect(frames.map(({ width, height }) => [width, height])).toEqual(Array.from({ length: 3 }, () => [320, 240]));
    const times = frames.map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    // The test picture of Chromium is green, with a yellow disc that turns.
    const { data } = frames[0]!;
    expect(data[1]).toBeGreaterThan(data[2]! + 50);
    track.stop();
  });

  it('reads the colours of a canvas', async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    const context = canvas.getContext('2d')!;
    const paint = () => {
      context.fillStyle = 'rgb(200 60 30)';
      context.fillRect(0, 0, 64, 48);
    };
    const painting = setInterval(paint, 20);
    const [track] = canvas.captureStream(25).getVideoTracks() as [MediaStreamTrack];
    const [frame] = await framesOf(track, { frames: 1 });
    clearInterval(painting);
    track.stop();
    expect([frame!.width, frame!.height]).toEqual([64, 48]);
    const middle = frame!.data.subarray((24 * 64 + 32) * 3, (24 * 64 + 33) * 3);
    for (const [channel, value] of [200, 60, 30].entries()) expect(Math.abs(middle[channel]! - value)).toBeLessThan(6);
  });

  it('is given up at once when it is aborted while it waits', async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    canvas.getContext('2d');
    const [track] = canvas.captureStream(0).getVideoTracks() as [MediaStreamTrack];
    const controller = new AbortController();
    const reading = framesOf(track, { frames: 5, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 200);
    await expect(reading).rejects.toThrow('enough');
    track.stop();
  });
});
