import { expect, it } from 'vitest';

import { plotQuality } from './plot-quality.ts';

const seams = {
  frames: [3],
  rows: [],
  columns: [],
  blend: 0,
  psnrNearGroups: 20,
  psnrAwayFromGroups: undefined,
  psnrNearTiles: undefined,
  psnrAwayFromTiles: undefined,
};
const plot = (values: number[], frames = [3]) =>
  plotQuality({
    psnr: 21,
    perFrame: values.map((psnr) => ({ psnr, ssim: undefined, nearTiles: undefined, awayFromTiles: undefined })),
    seams: { ...seams, frames },
  });

it('draws a point for every frame, higher where PSNR is, and a dashed line for every border', () => {
  const svg = plot([20, 25, 22, 20, 30]);
  const [, points] = /points="([^"]*)"/.exec(svg)!;
  const heights = points!.split(' ').map((point) => Number(point.split(',')[1]));
  expect(heights).toHaveLength(5);
  const order = heights.map((height, frame) => [height, frame] as const).toSorted(([a], [b]) => a - b);
  expect(order.slice(0, 3).map(([, frame]) => frame)).toEqual([4, 1, 2]);
  expect(svg.match(/stroke-dasharray/g)).toHaveLength(1);
  expect(svg).toContain('21.00 on average');
});

it.each([[[20]], [[100, 100]], [[0, 5]]])('draws %j without a number that is none', (values) => {
  const svg = plot(values, []);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg).not.toContain('dasharray');
  expect(svg.startsWith('<svg') && svg.endsWith('</svg>\n')).toBe(true);
});
