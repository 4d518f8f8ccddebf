// What tiling costs: PSNR and SSIM of clips untiled, in the paper's groups, as the released code cuts, and in squares.
//   node tools/measure/seams.mjs [--short-side 64] [--frames 97] clip.mp4 …      (means over the clips; the small model)
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'short-side': { type: 'string', default: '64' }, frames: { type: 'string', default: '97' } },
});
const shortSide = Number(values['short-side']);
const frames = Number(values.frames);
const { OdVae, officialTiling, paperTiling, useBestBackend } = await import('../../packages/od-vae/dist/index.js');

const square = Math.floor(shortSide / 16) * 8;
const tilings = {
  untiled: { frames: 4 * Math.ceil((frames - 1) / 4) + 1, latents: Math.ceil((frames - 1) / 4) + 1 },
  'paper (33 frames)': paperTiling,
  'official (33 frames, 16 latents)': officialTiling,
  'groups of 17': { frames: 17, latents: 5 },
  'groups of 9': { frames: 9, latents: 3 },
  [`33 frames, squares of ${square} px`]: {
    ...paperTiling,
    spatial: { sampleSize: square, latentSize: square / 8, overlap: 0.25 },
  },
};

await useBestBackend();
const vae = await OdVae.fromPretrained('small');
console.log('tiling | PSNR | SSIM | near groups | elsewhere | near tiles | elsewhere');
for (const [name, tiling] of Object.entries(tilings)) {
  const rows = [];
  for (const clip of positionals) {
    const { psnr, ssim, seams } = await vae.reconstruct(clip, undefined, { tiling, frames, shortSide, crop: 'square' });
    const { psnrNearGroups, psnrAwayFromGroups, psnrNearTiles, psnrAwayFromTiles } = seams;
    rows.push([psnr, ssim, psnrNearGroups, psnrAwayFromGroups, psnrNearTiles, psnrAwayFromTiles]);
  }
  const means = rows[0].map((_, column) => mean(rows.map((row) => row[column])));
  console.log([name, ...means.map((value, column) => value?.toFixed(column === 1 ? 4 : 3) ?? '')].join(' | '));
}
process.exit(0);

function mean(list) {
  return list.includes(undefined) ? undefined : list.reduce((sum, value) => sum + value, 0) / list.length;
}
