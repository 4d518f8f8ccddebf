// Installs the packed packages from a local registry as users do, bundles them, and runs the bundles:
// node tools/dist/check-environments.js [--all]
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startRegistry } from './packages/local-registry.ts';
import { runCommand } from './packages/run-command.ts';
import { checkGlobalCommand } from './packages/check-global-command.ts';
import { CHROMIUM, runInChromium, startChromium } from './packages/run-in-chromium.ts';
import { installProject } from './packages/stranger.ts';
import { workspacePackages } from './workspace.ts';

const OD_VAE = ['od-vae', '@tensorflow/tfjs-core@4'];
const BUNDLERS = ['webpack@5', 'webpack-cli@6', 'esbuild@0.28', 'vite@8', 'typescript@5'];

/** PSNR in dB of the frames of `tools/environments/check.js`. */
const EXPECTED = 29.99;
const TOLERANCE = 0.05;

/** tfjs-core requires modules of Node, which esbuild does not support in ESM bundles by itself. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/** Options of esbuild for any platform. */
const ESBUILD = ['--bundle', '--format=esm', '--log-level=warning'];

/** Checks in a project; each returns what its program printed or resolved to, if it ran one. */
const CHECKS: Readonly<Record<string, (project: string) => Promise<unknown>>> = {
  'Node ESM': (project) => runCommand(process.execPath, ['node.js'], project),
  'TypeScript (nodenext)': (project) => checkTypes(project, 'nodenext'),
  'TypeScript (bundler)': (project) => checkTypes(project, 'bundler'),
  'esbuild for Node': async (project) => {
    placeModel(project, 'esbuild-node');
    const options = [...ESBUILD, '--platform=node', `--banner:js=${REQUIRE}`];
    await runTool(project, 'esbuild', 'node.js', ...options, '--outdir=esbuild-node/bundle');
    return runCommand(process.execPath, ['esbuild-node/bundle/node.js'], project);
  },
  'esbuild for browsers': async (project) => {
    placeModel(project, 'esbuild-page');
    await runTool(project, 'esbuild', 'page.js', ...ESBUILD, '--outdir=esbuild-page/bundle');
    return runPage(project, 'esbuild-page', 'bundle/page.js');
  },
  'webpack 5 for browsers': async (project) => {
    const options = ['--mode=production', '--fail-on-warnings', '--no-performance'];
    await runTool(
      project,
      'webpack',
      '--entry=./page.js',
      '--output-path=webpack',
      '--output-filename=page.js',
      ...options,
    );
    return runPage(project, 'webpack', 'page.js');
  },
  'Vite 8 with a worker': async (project) => {
    writeFileSync(join(project, 'index.html'), '<script type="module" src="./vite.js"></script>');
    await runTool(project, 'vite', 'build', '--outDir=vite', '--logLevel=error');
    return browser ? runInChromium(browser, join(project, 'vite')) : undefined;
  },
};

/** Checks that run with `--all` only. */
const MORE_CHECKS: typeof CHECKS = {
  Bun: (project) => runTool(project, 'bun', 'node.js'),
  Deno: (project) => runTool(project, 'deno', 'run', '--allow-all', '--no-lock', 'node.js'),
};

const all = process.argv.includes('--all');
const workplace = mkdtempSync(join(tmpdir(), 'od-vae-environments-'));
const browser = existsSync(CHROMIUM) ? await startChromium() : undefined;
try {
  const published = [...workspacePackages()].filter(([, { manifest }]) => !manifest.private);
  await using registry = await startRegistry(published, workplace);
  const project = join(workplace, 'project');
  await installProject(project, registry.url, [...OD_VAE, ...BUNDLERS, ...(all ? ['bun@1', 'deno@2'] : [])]);
  for (const [name, check] of Object.entries(all ? { ...CHECKS, ...MORE_CHECKS } : CHECKS))
    await report(name, () => check(project));
  if (all) await report('global command', () => checkGlobalCommand(join(workplace, 'global'), registry.url));
  if (!browser) console.log(`Bundles for browsers were not run, because ${CHROMIUM} does not exist.`);
} finally {
  await browser?.close();
  rmSync(workplace, { recursive: true, force: true });
}

async function report(name: string, check: () => Promise<unknown>): Promise<void> {
  try {
    const result = await check();
    const psnr = Number(result);
    if (result !== undefined && !(Math.abs(psnr - EXPECTED) < TOLERANCE)) {
      throw new Error(`The PSNR must be ${EXPECTED} dB, but is ${String(result)}.`);
    }
    console.log(`passed: ${name}${result === undefined ? '' : `, ${psnr.toFixed(2)} dB`}`);
  } catch (error) {
    console.log(`failed: ${name}\n${(error as Error).message}`);
    process.exitCode = 1;
  }
}

async function checkTypes(project: string, resolution: 'bundler' | 'nodenext'): Promise<undefined> {
  const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', module, '--moduleResolution', resolution];
  try {
    await runTool(project, 'tsc', ...options, 'types.ts');
  } catch (error) {
    // The declarations of WebCodecs that mediabunny needs contradict those of TypeScript 5.
    const others = (error as Error).message
      .split('\n')
      .filter((line) => line.includes('error TS') && !/^node_modules\/(@types\/dom-webcodecs|typescript)\//.test(line));
    if (others.length > 0) throw new Error(others.join('\n'), { cause: error });
  }
}

/** Puts the model where a bundle of esbuild, which copies no files for `new URL(…, import.meta.url)`, looks for it. */
function placeModel(project: string, folder: string): void {
  cpSync(join(project, 'node_modules/@od-vae/small/model'), join(project, folder, 'model'), { recursive: true });
}

async function runPage(project: string, folder: string, script: string): Promise<unknown> {
  mkdirSync(join(project, folder), { recursive: true });
  writeFileSync(join(project, folder, 'index.html'), `<script type="module" src="${script}"></script>`);
  return browser ? runInChromium(browser, join(project, folder)) : undefined;
}

function runTool(project: string, name: string, ...args: string[]): Promise<string> {
  return runCommand(join(project, 'node_modules/.bin', name), args, project);
}
