import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Workspace, workspacePackages } from './workspace.ts';

/** The floor of every package: it may depend on lower floors only, and on its own where that cannot make a circle. */
export const FLOORS: Readonly<Record<string, number>> = {
  '@od-vae/core': 0,
  '@od-vae/layers': 1,
  '@od-vae/initializers': 1,
  '@od-vae/tiling': 1,
  '@od-vae/weights': 1,
  '@od-vae/metrics': 1,
  '@od-vae/video': 1,
  '@od-vae/small': 1,
  '@od-vae/models': 2,
  '@od-vae/losses': 2,
  '@od-vae/backend-simd': 2,
  '@od-vae/backend-webgpu': 2,
  '@od-vae/backend-node': 2,
  '@od-vae/training': 3,
  '@od-vae/datasets': 3,
  'od-vae': 4,
  '@od-vae/cli': 5,
};

/** What climbs: dependencies in a manifest, and imports in shipped sources, that do not lead to a lower floor. */
export function climbingEdges(packages: ReadonlyMap<string, Workspace> = workspacePackages()): string[] {
  return [...packages.values()].flatMap(({ folder, manifest }) => {
    if (manifest.private) return [];
    const floor = FLOORS[manifest.name];
    if (floor === undefined) return [`${manifest.name} has no floor in tools/src/floors.ts`];
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const imported = [...importedPackages(join(folder, 'src'))];
    const undeclared = imported.filter(
      (name) => name !== manifest.name && packages.has(name) && !declared.includes(name),
    );
    return [
      ...declared
        .filter((name) => packages.has(name) && !((FLOORS[name] ?? Infinity) < floor))
        .map((name) => `${manifest.name} (floor ${floor}) depends on ${name} (floor ${FLOORS[name] ?? 'none'})`),
      ...undeclared.map((name) => `${manifest.name} imports ${name} without depending on it`),
    ];
  });
}

function importedPackages(folder: string): Set<string> {
  const names = new Set<string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const source = readFileSync(join(folder, file), 'utf8');
    for (const [, name] of source.matchAll(/(?:from|import)\s*\(?\s*'((?:@[\w-]+\/)?[\w-]+)(?:\/[^']*)?'/g))
      names.add(name!);
  }
  return names;
}
