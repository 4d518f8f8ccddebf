// What tiling costs: PSNR and SSIM of clips untiled, in the paper's groups, as the released code cuts, and in squares.
//   node tools/measure/seams.mjs [--short-side 64] [--frames 97] clip.mp4 …      (means over all frames; the small model)
// A clip that is shorter gives the most frames 4n + 1 that it has. In brackets: what the same frames lose to no tiling.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';

/** Frames on either side of a border that count as near it. */
const NEAR = 4;

const { values, positionals: clips } = parseArgs({
  allowPositionals: true,
  options: { 'short-side': { type: 'string', default: '64' }, frames: { type: 'string', default: '97' } },
});
const shortSide = Number(values['short-side']);
const { OdVae, officialTiling, paperTiling, useBestBackend } = await import('../../packages/od-vae/dist/index.js');
const requireFrom = createRequire(new URL('../../packages/od-vae/package.json', import.meta.url));
const { openVideo } = await import(pathToFileURL(requireFrom.resolve('@od-vae/video')).href);

const square = Math.floor(shortSide / 16) * 8;
const tilings = {
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
const lengths = await Promise.all(clips.map(lengthOf));
console.log(clips.map((clip, index) => `${clip}: ${lengths[index]} frames`).join('\n'));

const untiled = await rebuildAll(lengths.map((frames) => ({ frames, latents: (frames - 1) / 4 + 1 })));
console.log('tiling | PSNR | SSIM | near groups: PSNR | SSIM | elsewhere: PSNR | SSIM | near tiles: PSNR | elsewhere');
console.log(['untiled', ...qualityOf(untiled.flatMap(({ perFrame }) => perFrame))].join(' | '));
for (const [name, tiling] of Object.entries(tilings)) {
  const reports = await rebuildAll(clips.map(() => tiling));
  const all = compare(reports, () => true);
  const near = compare(reports, isNear);
  const away = compare(reports, (frame, seams) => !isNear(frame, seams));
  const tiles = ['psnrNearTiles', 'psnrAwayFromTiles'].map((key) => mean(reports.map(({ seams }) => seams[key])));
  console.log([name, ...all, ...near, ...away, ...tiles.map((psnr) => psnr?.toFixed(2) ?? '')].join(' | '));
}
process.exit(0);

/** The most frames 4n + 1 of a clip, as many as are wanted at most. */
async function lengthOf(clip) {
  const reader = await openVideo(clip);
  await reader.close();
  return 4 * Math.floor((Math.min(Number(values.frames), reader.frameCount) - 1) / 4) + 1;
}

async function rebuildAll(cuts) {
  const reports = [];
  for (const [index, clip] of clips.entries()) {
    const options = { tiling: cuts[index], frames: lengths[index], shortSide, crop: 'square' };
    reports.push(await vae.reconstruct(clip, undefined, options));
  }
  return reports;
}

function isNear(frame, { frames }) {
  return frames.some((border) => frame >= border - NEAR && frame < border + NEAR);
}

/** PSNR and SSIM of some frames of all clips, and in brackets the difference to the same frames untiled. */
function compare(reports, isWanted) {
  const pick = (of) =>
    reports.flatMap(({ seams }, clip) => of[clip].perFrame.filter((_, frame) => isWanted(frame, seams)));
  const [own, whole] = [pick(reports), pick(untiled)];
  if (own.length === 0) return ['', ''];
  const loss = (key) => mean(own.map((score) => score[key])) - mean(whole.map((score) => score[key]));
  const [psnr, ssim] = qualityOf(own);
  return [`${psnr} (${loss('psnr').toFixed(2)})`, `${ssim} (${loss('ssim').toFixed(4)})`];
}

function qualityOf(scores) {
  return [mean(scores.map(({ psnr }) => psnr)).toFixed(2), mean(scores.map(({ ssim }) => ssim)).toFixed(4)];
}

function mean(list) {
  return list.includes(undefined) ? undefined : list.reduce((sum, value) => sum + value, 0) / list.length;
}
