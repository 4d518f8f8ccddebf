// Packs every package, installs each alone beside its peers in an empty folder, and tries it there:
// node tools/dist/check-packages.js [package …]
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FLOORS } from './floors.ts';
import { packAll } from './packages/local-registry.ts';
import { runCommand } from './packages/run-command.ts';
import { runInTurns } from './packages/run-in-turns.ts';
import { type Manifest, root, type Workspace, workspacePackages } from './workspace.ts';

const packages = workspacePackages();
const wanted = process.argv.slice(2);
const workplace = mkdtempSync(join(tmpdir(), 'od-vae-packages-'));
try {
  const tarballs = await packAll(published(), workplace);
  const checked = published().filter(([name]) => wanted.length === 0 || wanted.includes(name));
  await runInTurns(checked, ([name, one]) => checkPackage(name, one, tarballs));
} finally {
  rmSync(workplace, { recursive: true, force: true });
}

function published(): [string, Workspace][] {
  return [...packages].filter(([, { manifest }]) => !manifest.private);
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
  await runCommand('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], folder);
  const entries = Object.keys(manifest.exports ?? {}).filter((entry) => entry !== './package.json');
  for (const entry of entries) {
    // A backend whose optional peer is not there says so.
    const program = `await import('${name}${entry.slice(1)}').catch((error) => { if (error.name !== 'BackendError') throw error; })`;
    await runCommand(process.execPath, ['--input-type=module', '-e', program], folder);
  }
  for (const command of Object.values(manifest.bin ?? {}))
    await runCommand(process.execPath, [join('node_modules', name, command), '--help'], folder);
  if (entries.length > 0 && !manifest.bin) await bundle(folder, name, entries);
  const higher = installedPackages(folder).filter((one) => FLOORS[one]! > FLOORS[name]!);
  if (higher.length > 0) throw new Error(`${name} (floor ${FLOORS[name]}) drags in ${higher.join(', ')}`);
  await runCommand(bin('publint'), ['run', tarballs.get(name)!, '--strict'], root);
  await runCommand(bin('attw'), [tarballs.get(name)!, '--profile', 'esm-only'], root);
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
  await runCommand(bin('vite'), ['build'], folder);
}

function installedPackages(folder: string): string[] {
  const own = join(folder, 'node_modules/@od-vae');
  const scoped = readdirSync(own, { withFileTypes: true }).map((entry) => `@od-vae/${entry.name}`);
  return readdirSync(join(folder, 'node_modules')).includes('od-vae') ? [...scoped, 'od-vae'] : scoped;
}

function bin(name: string): string {
  return join(root, 'node_modules/.bin', name);
}
