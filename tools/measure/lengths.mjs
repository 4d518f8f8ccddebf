// Peak memory and speed of `reconstruct` for videos of growing length, each in a process of its own:
//   node tools/measure/lengths.mjs [frames …]      (33 129 513 1025 by default, 128x128, the small model)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SIDE = 128;
const [first, ...rest] = process.argv.slice(2);

/** Imports a package as the `od-vae` package sees it. */
const requireFrom = createRequire(new URL('../../packages/od-vae/package.json', import.meta.url));
const load = (name) => import(pathToFileURL(requireFrom.resolve(name)).href);

if (first === '--one') await rebuild(...rest);
else await measureAll(process.argv.slice(2).map(Number));

async function measureAll(lengths) {
  const folder = mkdtempSync(join(tmpdir(), 'od-vae-lengths-'));
  const self = fileURLToPath(import.meta.url);
  console.log('frames | peak MiB | seconds | frames/s | CPU s/frame | PSNR');
  try {
    for (const frames of lengths.length > 0 ? lengths : [33, 129, 513, 1025]) {
      await makeVideo(join(folder, `${frames}.y4m`), frames);
      console.log(execFileSync(process.execPath, [self, '--one', String(frames), folder], { encoding: 'utf8' }).trim());
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Not in the process that is measured. */
async function makeVideo(path, frames) {
  const { createVideoWriter } = await load('@od-vae/video');
  const writer = await createVideoWriter(path, { width: SIDE, height: SIDE, fps: 25 });
  for (let index = 0; index < frames; index++) await writer.write(movingFrame(index));
  await writer.finish();
}

async function rebuild(count, folder) {
  const frames = Number(count);
  const source = join(folder, `${frames}.y4m`);
  const { OdVae, useBestBackend } = await import('../../packages/od-vae/dist/index.js');
  await useBestBackend();
  const vae = await OdVae.fromPretrained('small');
  // One group goes first, in which code is compiled and memory taken.
  await vae.reconstruct(source, undefined, { frames: 33 });
  const before = process.cpuUsage();
  const { seconds, psnr } = await vae.reconstruct(source, join(folder, 'out.y4m'));
  const { user, system } = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS / 1024;
  const row = [
    frames,
    peak.toFixed(0),
    seconds.toFixed(1),
    (frames / seconds).toFixed(3),
    ((user + system) / 1e6 / frames).toFixed(3),
    psnr.toFixed(2),
  ];
  console.log(row.join(' | '));
  process.exit(0);
}

/** A picture of waves that move, each colour in a direction of its own. */
function movingFrame(index) {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / 3);
    const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
    const angle = [x + 2 * index, y + index, x + y - index][at % 3] / 9;
    data[at] = 128 + 100 * Math.sin(angle);
  }
  return { width: SIDE, height: SIDE, data, timestamp: index / 25 };
}
