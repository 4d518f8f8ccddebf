import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../workspace.ts';
import { runCommand } from './run-command.ts';

const SERVER = 'lib/node_modules/@mediabunny/server/dist/bundles/mediabunny-server.cjs';

/**
 * Installs the command line globally with its codecs, which makes two copies of mediabunny, and reads a video with it.
 *
 * Then breaks `@mediabunny/server`: ffmpeg must be used instead, and `doctor` must report the reason.
 */
export async function checkGlobalCommand(prefix: string, registry: string): Promise<undefined> {
  mkdirSync(prefix, { recursive: true });
  const packages = ['@od-vae/cli', '@mediabunny/server', 'sharp'];
  const options = [`--registry=${registry}`, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await runCommand('npm', ['install', '--global', `--prefix=${prefix}`, ...options, ...packages], root);
  const video = join(prefix, 'in.mp4');
  copyFileSync(join(root, 'examples/browser/src/sample.mp4'), video);

  // Without ffmpeg on PATH.
  const onlyNode = join(prefix, 'only-node');
  mkdirSync(onlyNode);
  symlinkSync(process.execPath, join(onlyNode, 'node'));
  const run = (args: readonly string[], path: string | undefined) =>
    runCommand(join(prefix, 'bin/od-vae'), args, prefix, { ...process.env, PATH: path });
  expectText(await run(['inspect', video], onlyNode), /^frames +65$/m);
  await run(['reconstruct', video, 'out.mp4', '--frames', '1'], onlyNode);
  expectText(await run(['inspect', 'out.mp4'], onlyNode), /^frames +1$/m);

  const server = join(prefix, SERVER);
  writeFileSync(server, `throw new Error('broken');\n${readFileSync(server, 'utf8')}`);
  expectText(await run(['inspect', video], process.env['PATH']), /^frames +65$/m);
  expectText(await run(['doctor'], process.env['PATH']), /@mediabunny\/server +does not work: .*broken/);
}

function expectText(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`The output must match ${String(pattern)}, but is:\n${text}`);
}
