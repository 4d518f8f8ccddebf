import { ShapeError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { mixed, noise } from '../fixtures/pictures.ts';
import { psnr } from './psnr.ts';
import { ssim } from './ssim.ts';
import { VideoQuality } from './video-quality.ts';

describe('VideoQuality', () => {
  it('gives the mean over frames, not over pixels, and every frame', () => {
    const original = noise(1, 16, 12);
    const frames = [0.1, 0.5].map((part) => mixed(original, noise(2, 16, 12), part));
    const quality = new VideoQuality();
    const added = frames.map((rebuilt) => quality.add(original, rebuilt));
    const report = quality.report();
    expect(report.frames).toBe(2);
    expect(report.perFrame).toEqual(added);
    expect(added[1]).toEqual({ psnr: psnr(original, frames[1]!), ssim: ssim(original, frames[1]!) });
    expect(report.psnr).toBeCloseTo((added[0]!.psnr + added[1]!.psnr) / 2, 12);
    expect(report.ssim).toBeCloseTo((added[0]!.ssim! + added[1]!.ssim!) / 2, 12);
  });

  it('counts frames that were scored before as if it had scored them', () => {
    const [original, rebuilt] = [noise(1, 16, 12), noise(2, 16, 12)];
    const [scored, replayed] = [new VideoQuality(), new VideoQuality()];
    replayed.addScored(scored.add(original, rebuilt));
    expect(replayed.report()).toEqual(scored.report());
  });

  it('keeps earlier reports as they were', () => {
    const quality = new VideoQuality();
    const picture = noise(1, 12, 12);
    quality.add(picture, picture);
    const first = quality.report();
    quality.add(picture, picture);
    expect(first.perFrame).toHaveLength(1);
  });

  it('has no SSIM for frames below 11 px, and no scores without frames', () => {
    const quality = new VideoQuality();
    expect(quality.report()).toEqual({ psnr: undefined, ssim: undefined, frames: 0, perFrame: [] });
    const small = noise(1, 8, 16);
    expect(quality.add(small, small)).toEqual({ psnr: 100, ssim: undefined });
    expect(quality.report()).toMatchObject({ psnr: 100, ssim: undefined, frames: 1 });
  });

  it('passes white on', () => {
    const quality = new VideoQuality({ white: 10 });
    const grey = (value: number) => ({ width: 12, height: 12, data: Array(144).fill(value) });
    expect(quality.add(grey(5), grey(6)).psnr).toBeCloseTo(20, 10);
  });

  it('does not count a frame that it refuses', () => {
    const quality = new VideoQuality();
    expect(() => quality.add(noise(1, 12, 12), noise(1, 12, 13))).toThrow(ShapeError);
    expect(quality.report().frames).toBe(0);
  });
});
