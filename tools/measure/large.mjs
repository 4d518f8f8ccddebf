// Peak memory of the full-size model (239 M parameters, random weights) on a large picture, through the command line:
//   node tools/measure/large.mjs [frames] [memory] [width] [height]      (1 4GB 1920 1080 by default; Linux)
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [frames = '1', memory = '4GB', width = '1920', height = '1080'] = process.argv.slice(2);
const folder = join(tmpdir(), 'od-vae-full-size');
const bin = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));

/** Imports a package as the `od-vae` package sees it. */
const requireFrom = createRequire(new URL('../../packages/od-vae/package.json', import.meta.url));
const load = (name) => import(pathToFileURL(requireFrom.resolve(name)).href);

if (process.argv[2] === '--weights') await writeModel();
else await measure();

async function measure() {
  if (!existsSync(join(folder, 'model.safetensors'))) {
    await ended(spawn(process.execPath, [fileURLToPath(import.meta.url), '--weights'], { stdio: 'inherit' }));
  }
  const source = join(folder, `${width}x${height}.y4m`);
  await writeVideo(source);
  const reading = ['--model', folder, '--frames', frames, '--memory', memory, '--backend', 'simd'];
  const child = spawn(process.execPath, [bin, 'reconstruct', source, ...reading, '--json', '--progress']);
  let [stdout, peak] = ['', 0];
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.pipe(process.stderr);
  const watch = setInterval(() => {
    const path = `/proc/${child.pid}/status`;
    const status = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const now = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    peak = Math.max(peak, now);
  }, 500);
  const code = await ended(child);
  clearInterval(watch);
  const { plan, seconds } = stdout ? JSON.parse(stdout) : {};
  const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
  console.log(
    `exit code ${code}, ${frames} frames of ${width}x${height} in ${seconds?.toFixed(0)} s, Node ${process.version}`,
  );
  console.log(
    `peak ${megabytes(peak * 2 ** 20)}, estimated ${plan && megabytes(plan.memory.total)}, allowed ${memory}`,
  );
}

async function writeModel() {
  const { initParams } = await load('@od-vae/core');
  const { exportOdVaeParams, odVaeSpec, parseConfig, variants } = await load('@od-vae/models');
  const { writeSafetensors } = await load('@od-vae/weights');
  await (await import('../../packages/od-vae/dist/index.js')).useBackend('cpu');
  const config = parseConfig(variants[4]);
  const tensors = exportOdVaeParams(initParams(odVaeSpec(config), { seed: 1 }), config).map((one) => ({
    name: one.name,
    shape: one.shape,
    dtype: 'F32',
    bytes: async () => new Uint8Array((await one.float32()).slice().buffer),
  }));
  mkdirSync(folder, { recursive: true });
  await writeSafetensors(join(folder, 'model.part'), tensors);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config.official));
  renameSync(join(folder, 'model.part'), join(folder, 'model.safetensors'));
}

async function writeVideo(path) {
  const { createVideoWriter } = await load('@od-vae/video');
  const size = { width: Number(width), height: Number(height) };
  const writer = await createVideoWriter(path, { ...size, fps: 25 });
  for (let index = 0; index < Number(frames); index++) {
    const data = Uint8Array.from({ length: size.width * size.height * 3 }, (_, at) => (at * 7 + index * 40) % 256);
    await writer.write({ ...size, data, timestamp: index / 25 });
  }
  await writer.finish();
}

function ended(child) {
  return new Promise((resolve) => child.on('close', resolve));
}
