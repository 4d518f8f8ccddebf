// Packs every package, installs each alone beside its peers in an empty folder, and tries it there:
// node tools/dist/check-packages.js [package …]
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { FLOORS } from './floors.ts';
import { type Manifest, root, type Workspace, workspacePackages } from './workspace.ts';

const packages = workspacePackages();
const wanted = process.argv.slice(2);
const workplace = mkdtempSync(join(tmpdir(), 'od-vae-packages-'));
try {
  const tarballs = await packAll();
  const checked = published().filter(([name]) => wanted.length === 0 || wanted.includes(name));
  await together(checked, ([name, one]) => checkPackage(name, one, tarballs));
} finally {
  rmSync(workplace, { recursive: true, force: true });
}

function published(): [string, Workspace][] {
  return [...packages].filter(([, { manifest }]) => !manifest.private);
}

/** Does something with every item, with as many at a time as there are processors. */
async function together<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const takeTurns = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, takeTurns));
}

/** Tarballs by package name. */
async function packAll(): Promise<Map<string, string>> {
  const tarballs = new Map<string, string>();
  await together(published(), async ([name, { folder }]) => {
    const target = join(workplace, 'tarballs', name.replaceAll(/\W+/g, '-'));
    mkdirSync(target, { recursive: true });
    await run('npx', ['-y', pnpmVersion(), 'pack', '--pack-destination', target], folder);
    tarballs.set(name, join(target, readdirSync(target)[0]!));
  });
  return tarballs;
}

function pnpmVersion(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string }).packageManager;
}

async function checkPackage(
  name: string,
  { manifest }: Workspace,
  tarballs: ReadonlyMap<string, string>,
): Promise<void> {
  const folder = join(workplace, 'installed', name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const needed = [name, ...dependenciesOf(name)];
  const overrides = Object.fromEntries(needed.map((one) => [one, `file:${tarballs.get(one)!}`]));
  const dependencies = { [name]: overrides[name]!, ...requiredPeers(manifest) };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'alone',
      private: true,
      type: 'module',
      dependencies,
      overrides: withoutDirect(overrides, name),
    }),
  );
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], folder);
  const entries = Object.keys(manifest.exports ?? {}).filter((entry) => entry !== './package.json');
  for (const entry of entries) {
    // A backend whose optional peer is not there says so.
    const program = `await import('${name}${entry.slice(1)}').catch((error) => { if (error.name !== 'BackendError') throw error; })`;
    await run(process.execPath, ['--input-type=module', '-e', program], folder);
  }
  for (const command of Object.values(manifest.bin ?? {}))
    await run(process.execPath, [join('node_modules', name, command), '--help'], folder);
  if (entries.length > 0 && !manifest.bin) await bundle(folder, name, entries);
  const higher = installedPackages(folder).filter((one) => FLOORS[one]! > FLOORS[name]!);
  if (higher.length > 0) throw new Error(`${name} (floor ${FLOORS[name]}) drags in ${higher.join(', ')}`);
  await run(bin('publint'), ['run', tarballs.get(name)!, '--strict'], root);
  await run(bin('attw'), [tarballs.get(name)!, '--profile', 'esm-only'], root);
  console.log(`${name}: imports${manifest.bin ? ' and runs' : ', bundles'} alone; publint and attw agree`);
}

/** Every package of this workspace that a package needs, directly or not. */
function dependenciesOf(name: string, found = new Set<string>()): Set<string> {
  for (const one of Object.keys(packages.get(name)!.manifest.dependencies ?? {})) {
    if (!packages.has(one) || found.has(one)) continue;
    found.add(one);
    dependenciesOf(one, found);
  }
  return found;
}

/** Peers that an import needs: all that are not optional, and tfjs-core, which only `@od-vae/core/base` does without. */
function requiredPeers({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): Record<string, string> {
  const needed = (peer: string) => peer === '@tensorflow/tfjs-core' || !peerDependenciesMeta[peer]?.optional;
  return Object.fromEntries(Object.entries(peerDependencies).filter(([peer]) => needed(peer)));
}

/** npm refuses an override of a direct dependency. */
function withoutDirect(overrides: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(overrides).filter(([one]) => one !== name));
}

async function bundle(folder: string, name: string, entries: readonly string[]): Promise<void> {
  const lines = entries.map((entry, index) => `export * as entry${index} from '${name}${entry.slice(1)}';`);
  writeFileSync(join(folder, 'entry.js'), lines.join('\n'));
  writeFileSync(
    join(folder, 'vite.config.js'),
    `export default { logLevel: 'error', build: { target: 'es2022', lib: { entry: 'entry.js', formats: ['es'] } } };`,
  );
  await run(bin('vite'), ['build'], folder);
}

function installedPackages(folder: string): string[] {
  const own = join(folder, 'node_modules/@od-vae');
  const scoped = readdirSync(own, { withFileTypes: true }).map((entry) => `@od-vae/${entry.name}`);
  return readdirSync(join(folder, 'node_modules')).includes('od-vae') ? [...scoped, 'od-vae'] : scoped;
}

function bin(name: string): string {
  return join(root, 'node_modules/.bin', name);
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await promisify(execFile)(command, args, { cwd });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed in ${cwd}:\n${stdout}${stderr}`, { cause: error });
  }
}
