import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The top folder of the repository. */
export const root = join(import.meta.dirname, '../..');

/** What the tools read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { optional?: boolean }>>;
}

/** A package of the workspace. */
export interface Workspace {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The packages under `packages/`, by name. */
export function workspacePackages(): ReadonlyMap<string, Workspace> {
  const packages = readdirSync(join(root, 'packages')).map((name): [string, Workspace] => {
    const folder = join(root, 'packages', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    return [manifest.name, { folder, manifest }];
  });
  return new Map(packages);
}
