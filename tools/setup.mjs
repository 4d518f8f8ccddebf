// Installs and builds this repository where that is still to be done. Needs nothing but Node and npm, so it is plain
// JavaScript without dependencies; everything it prints goes to stderr.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = [20, 19];

/** Makes the repository ready to run; what is ready already costs about a second. */
export function setUp() {
  checkNode();
  install();
  run('build', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']);
}

/** Folders of the workspace's packages, seen from the top folder. */
export function workspaceFolders() {
  return [
    ...readdirSync(join(root, 'packages')).map((name) => join('packages', name)),
    'benchmarks',
    'examples',
    'examples/browser',
    'tools',
  ];
}

/** The command line of this repository's own pnpm, which need not be installed. */
export function pnpm(...args) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return ['npx', ['-y', packageManager, ...args]];
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`od-vae needs Node ${OLDEST_NODE.join('.')} or newer, but this is ${process.versions.node}.`);
}

function install() {
  const marker = join(root, 'node_modules/.od-vae-installed');
  const wanted = manifestHash();
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  console.error('Installing dependencies …');
  run('install', ...pnpm('install', '--frozen-lockfile', '--reporter=append-only'));
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(marker, wanted);
}

/** Changes whenever an install would do something else. */
function manifestHash() {
  const files = workspaceFolders().map((folder) => join(folder, 'package.json'));
  const hash = createHash('sha256').update(process.version);
  for (const file of [...files, 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

function run(what, command, args) {
  // stdout of a child goes to our stderr: stdout belongs to the program that is started afterwards.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) fail(`${what} could not start: ${error.message}`);
  if (status !== 0) fail(`${what} failed: ${[command, ...args].join(' ')} ended with ${status}.`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
